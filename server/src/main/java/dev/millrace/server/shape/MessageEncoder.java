package dev.millrace.server.shape;

import dev.millrace.protocol.JsonText;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Relation;
import dev.millrace.server.postgres.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
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

  private final Projection projection;

  /** The selected columns, then others that the key needs. */
  private final List<Column> needed;

  private final byte[] keyPrefix;
  private final byte[][] names;
  private final int[] keyColumns;
  private final byte[] insertHeaders;
  private final byte[] updateHeaders;
  private final byte[] deleteHeaders;

  /** How the tuples lie that the next changes bring. */
  private Layout layout = new Layout(new int[0], new int[0], false);

  private long commitLsn;
  private int xid;
  private int growth;

  MessageEncoder(Projection projection) {
    this(projection, OptionalInt.empty());
  }

  /** Rows of a subset carry its mark (protocol section 5.1). */
  MessageEncoder(Projection projection, OptionalInt snapshotMark) {
    this.projection = projection;
    this.needed = projection.neededColumns();
    String quotedKey = JsonText.quote(projection.relation().quoted());
    keyPrefix = utf8(quotedKey.substring(1, quotedKey.length() - 1));
    names = new byte[projection.columns().size()][];
    for (int i = 0; i < names.length; i++) {
      names[i] = utf8(JsonText.quote(needed.get(i).name()) + ":");
    }
    keyColumns = projection.rowKey().stream().mapToInt(needed::indexOf).toArray();
    String mark = snapshotMark.isPresent() ? ",\"snapshot_mark\":" + snapshotMark.getAsInt() : "";
    insertHeaders = utf8(new String(headers("insert"), StandardCharsets.UTF_8) + mark);
    updateHeaders = headers("update");
    deleteHeaders = headers("delete");
  }

  List<Column> filterColumns() {
    return projection.filterColumns();
  }

  private byte[] headers(String operation) {
    return utf8(
        "},\"headers\":{\"operation\":\"%s\",\"relation\":[%s,%s]"
            .formatted(
                operation,
                JsonText.quote(projection.relation().schema()),
                JsonText.quote(projection.relation().table())));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Where the columns lie in the tuples of one table of the stream: the shape's own, or a partition
   * of it, whose columns may be in another order.
   */
  static final class Layout {

    /** For each needed column its place in the tuples. */
    private final int[] places;

    /** The same for each column that the filter may name. */
    private final int[] filterPlaces;

    /** Whether the old row of an update or delete has the key. */
    private final boolean isKeyIdentified;

    private Layout(int[] places, int[] filterPlaces, boolean isKeyIdentified) {
      this.places = places;
      this.filterPlaces = filterPlaces;
      this.isKeyIdentified = isKeyIdentified;
    }
  }

  /** The layout of a table's tuples; null if the columns are not there as the shape knows them. */
  @Nullable Layout layout(Relation relation) {
    List<Relation.Attribute> attributes = relation.attributes();
    if (projection.dependsOnAllColumns() && attributes.size() != needed.size()) {
      return null;
    }
    int[] places = places(needed, relation);
    int[] filterPlaces = places(projection.filterColumns(), relation);
    if (Arrays.stream(places).anyMatch(place -> place < 0)
        || Arrays.stream(filterPlaces).anyMatch(place -> place < 0)) {
      return null;
    }
    boolean isKeyIdentified =
        Arrays.stream(keyColumns).allMatch(key -> attributes.get(places[key]).isIdentity());
    return new Layout(places, filterPlaces, isKeyIdentified);
  }

  private static int[] places(List<Column> columns, Relation relation) {
    return columns.stream().mapToInt(column -> place(column, relation)).toArray();
  }

  /** Where {@code column} lies in the tuples; -1 if it is not there as we know it. */
  private static int place(Column column, Relation relation) {
    int place = relation.indexOf(column.name());
    return place >= 0 && isSameType(column, relation.attributes().get(place)) ? place : -1;
  }

  private static boolean isSameType(Column column, Relation.Attribute attribute) {
    return column.typeOid() == attribute.typeOid() && column.modifier() == attribute.modifier();
  }

  /** The table that the next change is of. */
  void follow(Layout next) {
    layout = next;
  }

  /** The transaction that the next changes belong to. */
  void begin(long commitLsn, int xid) {
    this.commitLsn = commitLsn;
    this.xid = xid;
  }

  void insert(ByteBuilder out, Tuple row, long op) {
    openWithKey(out, row, row);
    addRow(out, row, row);
    addHeaders(out, insertHeaders, op, 1);
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
    if (projection.replica() == ShapeDefinition.Replica.FULL) {
      addRow(out, row, old == null ? row : old);
      out.add(OPEN_OLD_VALUE);
      addChanged(out, old, row, old == null ? row : old, false);
    } else {
      addChanged(out, old, row, row, true);
    }
    addHeaders(out, updateHeaders, op, 0);
    return true;
  }

  /** Writes an update that brings the row into the shape; {@code old} is whole. */
  void enter(ByteBuilder out, Tuple old, Tuple row, long op) {
    openWithKey(out, row, old);
    addRow(out, row, old);
    addHeaders(out, insertHeaders, op, 1);
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
    addHeaders(out, insertHeaders, op, 1);
    out.add(KEY_CHANGE_FROM);
    addKey(out, old, old);
    out.add((byte) '"');
  }

  void delete(ByteBuilder out, Tuple old, boolean oldIsWhole, long op) {
    openWithKey(out, old, old);
    boolean whole = oldIsWhole && projection.replica() == ShapeDefinition.Replica.FULL;
    boolean first = true;
    for (int i = 0; i < names.length; i++) {
      if (whole || isKey(i)) {
        first = separate(out, first);
        addValue(out, i, old, old);
      }
    }
    addHeaders(out, deleteHeaders, op, -1);
  }

  /** The texts of the columns that the filter may name, in their order. */
  List<@Nullable String> filterTexts(Tuple row, Tuple unchanged) {
    List<@Nullable String> texts = new ArrayList<>(layout.filterPlaces.length);
    for (int place : layout.filterPlaces) {
      Tuple source = row.isUnchanged(place) ? unchanged : row;
      if (source.isUnchanged(place)) {
        throw new IncompleteRowException(projection.relation());
      }
      texts.add(source.isNull(place) ? null : source.text(place));
    }
    return texts;
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

  /**
   * Refuses a change that does not tell enough of the row before, because the table's replica
   * identity is not full: less than the key, or less than a full replica has to tell.
   */
  void requireOldRow(boolean oldIsWhole) {
    boolean isEnough =
        oldIsWhole
            || (layout.isKeyIdentified && projection.replica() == ShapeDefinition.Replica.DEFAULT);
    if (!isEnough) {
      throw new IncompleteRowException(projection.relation());
    }
  }

  boolean isKeyChanged(Tuple old, Tuple row) {
    for (int key : keyColumns) {
      if (isChanged(old, row, layout.places[key])) {
        return true;
      }
    }
    return false;
  }

  private boolean isAnyChanged(Tuple old, Tuple row) {
    for (int i = 0; i < names.length; i++) {
      if (isChanged(old, row, layout.places[i])) {
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
      int place = layout.places[key];
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
      int place = layout.places[i];
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
    int place = layout.places[column];
    Tuple source = row.isUnchanged(place) ? unchanged : row;
    if (source.isUnchanged(place)) {
      throw new IncompleteRowException(projection.relation());
    }
    if (source.isNull(place)) {
      out.add(NULL);
    } else {
      out.addJsonString(source.bytes(), source.start(place), source.length(place));
    }
  }

  /** By how many rows the change written last makes the shape larger: 1, 0 or -1. */
  int growth() {
    return growth;
  }

  private void addHeaders(ByteBuilder out, byte[] headers, long op, int rowsAdded) {
    growth = rowsAdded;
    out.add(headers).add(TXIDS).addDecimal(Integer.toUnsignedLong(xid));
    out.add(LSN).addDecimal(commitLsn).add(OP_POSITION).addDecimal(op);
  }

  /**
   * Writes a row of the snapshot (protocol section 5.1).
   *
   * @param row a line of COPY's text format
   * @param starts where each needed column starts in it, and one past the end of the last
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
    out.add(",{\"headers\":{\"control\":\"snapshot-end\",%s}}".formatted(visibility(snapshot)));
  }

  /** The members of an object that say what a snapshot saw. */
  static String visibility(PgSnapshot snapshot) {
    String running =
        snapshot.running().stream().map(x -> "\"" + x + "\"").collect(Collectors.joining(","));
    return "\"xmin\":\"%d\",\"xmax\":\"%d\",\"xip_list\":[%s]"
        .formatted(snapshot.xmin(), snapshot.xmax(), running);
  }
}
