package dev.millrace.server.shape;

import dev.millrace.protocol.JsonText;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Relation;
import dev.millrace.server.postgres.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes the messages of one shape as JSON bytes (protocol section 5): everything that is the same
 * in each message is made once here, and the values are copied from the replication message or the
 * COPY row without becoming strings. One thread at a time.
 *
 * <p>Every message is preceded by a comma, so that runs of messages can be joined by putting them
 * one after another; whoever makes an array of them drops the first byte. A log message is left
 * open at the end of its headers, because only the next change of the transaction, or its end,
 * tells whether it was the {@code last}.
 */
final class MessageEncoder {

  private static final byte[] OPEN_KEY = ascii(",{\"key\":\"");
  private static final byte[] OPEN_VALUE = ascii("\",\"value\":{");
  private static final byte[] OPEN_OLD_VALUE = ascii("},\"old_value\":{");
  private static final byte[] NULL = ascii("null");
  private static final byte[] TXIDS = ascii(",\"txids\":[");
  private static final byte[] LSN = ascii("],\"lsn\":\"");
  private static final byte[] OP_POSITION = ascii("\",\"op_position\":");
  private static final byte[] KEY_CHANGE_TO = ascii(",\"key_change_to\":\"");
  private static final byte[] KEY_CHANGE_FROM = ascii(",\"key_change_from\":\"");
  private static final byte[] CLOSE = ascii("}}");
  private static final byte[] CLOSE_LAST = ascii(",\"last\":true}}");

  /** How many bytes precede a message when messages are joined. */
  static final int SEPARATOR_BYTES = 1;

  private final ShapeDefinition definition;
  private final byte[] keyPrefix;
  private final byte[][] names;
  private final int[] keyColumns;
  private final byte[] insertHeaders;
  private final byte[] updateHeaders;
  private final byte[] deleteHeaders;

  /** For each selected column its place in the tuples of the stream. */
  private int[] places = new int[0];

  private long commitLsn;
  private int xid;

  MessageEncoder(ShapeDefinition definition) {
    this.definition = definition;
    List<Column> columns = definition.columns();
    String quotedKey = JsonText.quote(definition.relation().quoted());
    keyPrefix = utf8(quotedKey.substring(1, quotedKey.length() - 1));
    names = new byte[columns.size()][];
    for (int i = 0; i < names.length; i++) {
      names[i] = utf8(JsonText.quote(columns.get(i).name()) + ":");
    }
    keyColumns = definition.rowKey().stream().mapToInt(columns::indexOf).toArray();
    insertHeaders = headers("insert");
    updateHeaders = headers("update");
    deleteHeaders = headers("delete");
  }

  private byte[] headers(String operation) {
    return utf8(
        "},\"headers\":{\"operation\":\"%s\",\"relation\":[%s,%s]"
            .formatted(
                operation,
                JsonText.quote(definition.relation().schema()),
                JsonText.quote(definition.relation().table())));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Takes up the layout of the stream's tuples.
   *
   * @return whether each selected column is there as the shape knows it
   */
  boolean follows(Relation relation) {
    int[] found = new int[definition.columns().size()];
    for (int i = 0; i < found.length; i++) {
      Column column = definition.columns().get(i);
      found[i] = relation.indexOf(column.name());
      if (found[i] < 0 || !isSameType(column, relation.attributes().get(found[i]))) {
        return false;
      }
    }
    places = found;
    return true;
  }

  private static boolean isSameType(Column column, Relation.Attribute attribute) {
    return column.typeOid() == attribute.typeOid() && column.modifier() == attribute.modifier();
  }

  /** The transaction that the next changes belong to. */
  void begin(long commitLsn, int xid) {
    this.commitLsn = commitLsn;
    this.xid = xid;
  }

  void insert(ByteBuilder out, Tuple row, long op) {
    openWithKey(out, row, row);
    addRow(out, row, row);
    addHeaders(out, insertHeaders, op);
  }

  /**
   * Writes an update that leaves the key as it was.
   *
   * @param old the whole row before, or null if the stream did not carry it
   * @return false if no selected column changed: nothing was written
   */
  boolean update(ByteBuilder out, @Nullable Tuple old, Tuple row, long op) {
    if (old != null && !isAnyChanged(old, row)) {
      return false;
    }
    openWithKey(out, row, row);
    if (definition.replica() == ShapeDefinition.Replica.FULL) {
      addRow(out, row, old == null ? row : old);
      out.add(OPEN_OLD_VALUE);
      if (old != null) {
        addChanged(out, old, row, old, false);
      }
    } else {
      addChanged(out, old, row, row, true);
    }
    addHeaders(out, updateHeaders, op);
    return true;
  }

  /** Writes the first half of an update that changes the key: the row leaves its old one. */
  void keyChangeDelete(ByteBuilder out, Tuple old, boolean oldIsWhole, Tuple row, long op) {
    delete(out, old, oldIsWhole, op);
    out.add(KEY_CHANGE_TO);
    addKey(out, row, old);
    out.add((byte) '"');
  }

  /** Writes the second half: the whole row appears under its new key. */
  void keyChangeInsert(ByteBuilder out, Tuple old, boolean oldIsWhole, Tuple row, long op) {
    openWithKey(out, row, old);
    addRow(out, row, oldIsWhole ? old : row);
    addHeaders(out, insertHeaders, op);
    out.add(KEY_CHANGE_FROM);
    addKey(out, old, old);
    out.add((byte) '"');
  }

  void delete(ByteBuilder out, Tuple old, boolean oldIsWhole, long op) {
    openWithKey(out, old, old);
    boolean whole = oldIsWhole && definition.replica() == ShapeDefinition.Replica.FULL;
    boolean first = true;
    for (int i = 0; i < names.length; i++) {
      if (whole || isKey(i)) {
        first = separate(out, first);
        addValue(out, i, old, old);
      }
    }
    addHeaders(out, deleteHeaders, op);
  }

  /** Closes the message that was written last. */
  static void close(ByteBuilder out, boolean isLastOfTransaction) {
    out.add(isLastOfTransaction ? CLOSE_LAST : CLOSE);
  }

  private boolean isKey(int column) {
    for (int key : keyColumns) {
      if (key == column) {
        return true;
      }
    }
    return false;
  }

  boolean isKeyChanged(Tuple old, Tuple row) {
    for (int key : keyColumns) {
      if (isChanged(old, row, places[key])) {
        return true;
      }
    }
    return false;
  }

  private boolean isAnyChanged(Tuple old, Tuple row) {
    for (int place : places) {
      if (isChanged(old, row, place)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isChanged(Tuple old, Tuple row, int place) {
    return !row.isUnchanged(place) && !row.sameValue(place, old);
  }

  private void openWithKey(ByteBuilder out, Tuple row, Tuple unchanged) {
    out.add(OPEN_KEY);
    addKey(out, row, unchanged);
    out.add(OPEN_VALUE);
  }

  private void addKey(ByteBuilder out, Tuple row, Tuple unchanged) {
    out.add(keyPrefix);
    for (int key : keyColumns) {
      int place = places[key];
      Tuple source = row.isUnchanged(place) ? unchanged : row;
      if (source.isNull(place)) {
        addNullKeyPart(out);
      } else {
        int start = source.start(place);
        addKeyPart(out, source.bytes(), start, source.length(place), false);
      }
    }
  }

  private static void addNullKeyPart(ByteBuilder out) {
    out.add((byte) '/').add((byte) '_');
  }

  /** A part of a key: the value's text in quotes, each slash doubled (protocol section 5.7). */
  private static void addKeyPart(
      ByteBuilder out, byte[] source, int start, int length, boolean isCopyField) {
    out.add((byte) '/');
    out.addEscaped((byte) '"');
    if (isCopyField) {
      out.addKeyTextOfCopyField(source, start, length);
    } else {
      out.addKeyText(source, start, length);
    }
    out.addEscaped((byte) '"');
  }

  private void addRow(ByteBuilder out, Tuple row, Tuple unchanged) {
    for (int i = 0; i < names.length; i++) {
      separate(out, i == 0);
      addValue(out, i, row, unchanged);
    }
  }

  /** Adds the changed columns of {@code source}, and those of the key if {@code withKey}. */
  private void addChanged(
      ByteBuilder out, @Nullable Tuple old, Tuple row, Tuple source, boolean withKey) {
    boolean first = true;
    for (int i = 0; i < names.length; i++) {
      int place = places[i];
      boolean changed = old == null ? !row.isUnchanged(place) : isChanged(old, row, place);
      if (changed || (withKey && isKey(i))) {
        first = separate(out, first);
        addValue(out, i, source, source);
      }
    }
  }

  private static boolean separate(ByteBuilder out, boolean first) {
    if (!first) {
      out.add((byte) ',');
    }
    return false;
  }

  private void addValue(ByteBuilder out, int column, Tuple row, Tuple unchanged) {
    out.add(names[column]);
    int place = places[column];
    Tuple source = row.isUnchanged(place) ? unchanged : row;
    if (source.isUnchanged(place)) {
      throw new IncompleteRowException(definition.relation());
    }
    if (source.isNull(place)) {
      out.add(NULL);
    } else {
      out.addJsonString(source.bytes(), source.start(place), source.length(place));
    }
  }

  private void addHeaders(ByteBuilder out, byte[] headers, long op) {
    out.add(headers).add(TXIDS).addDecimal(Integer.toUnsignedLong(xid));
    out.add(LSN).addDecimal(commitLsn).add(OP_POSITION).addDecimal(op);
  }

  /**
   * Writes a row of the snapshot (protocol section 5.1).
   *
   * @param row a line of COPY's text format
   * @param starts where each selected column starts in it, and one past the end of the last
   */
  void snapshotRow(ByteBuilder out, byte[] row, int[] starts) {
    out.add(OPEN_KEY).add(keyPrefix);
    for (int key : keyColumns) {
      int length = starts[key + 1] - 1 - starts[key];
      if (isCopyNull(row, starts[key], length)) {
        addNullKeyPart(out);
      } else {
        addKeyPart(out, row, starts[key], length, true);
      }
    }
    out.add(OPEN_VALUE);
    for (int i = 0; i < names.length; i++) {
      separate(out, i == 0);
      out.add(names[i]);
      int length = starts[i + 1] - 1 - starts[i];
      if (isCopyNull(row, starts[i], length)) {
        out.add(NULL);
      } else {
        out.addJsonStringOfCopyField(row, starts[i], length);
      }
    }
    out.add(insertHeaders).add(CLOSE);
  }

  private static boolean isCopyNull(byte[] row, int start, int length) {
    return length == 2 && row[start] == '\\' && row[start + 1] == 'N';
  }

  /** Writes the message that ends a snapshot (protocol section 5.2). */
  static void snapshotEnd(ByteBuilder out, PgSnapshot snapshot) {
    String running =
        snapshot.running().stream().map(x -> "\"" + x + "\"").collect(Collectors.joining(","));
    out.add(
        ",{\"headers\":{\"control\":\"snapshot-end\",\"xmin\":\"%d\",\"xmax\":\"%d\",\"xip_list\":[%s]}}"
            .formatted(snapshot.xmin(), snapshot.xmax(), running));
  }
}
