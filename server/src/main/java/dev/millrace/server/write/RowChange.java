package dev.millrace.server.write;

import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteChange.Op;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A change held against the table it is of: names are columns, values are texts that Postgres can
 * read.
 *
 * @param key the primary key in its order; empty if an insert leaves it, or a part, to Postgres
 * @param cells what is set: all of an insert, beside the key of an update, nothing of a delete
 * @param base what its author saw, where that was said: of the columns that are set, of any but the
 *     key for a delete
 * @param name by which the ledger knows it
 * @param columns the numbers of the columns that an update sets, as an array literal
 * @param kind of the run it can be part of: what has the same one is written by one statement
 * @param rowHash of table and key, to find what else was written to the row
 */
record RowChange(
    WriteChange change,
    WritableTable table,
    List<@Nullable String> key,
    List<Cell> cells,
    List<Cell> base,
    Ledger.Name name,
    String columns,
    String kind,
    Optional<Long> rowHash) {

  /** Never used, only cloned, which takes less time than to look for one. */
  private static final MessageDigest SHA256 = sha256();

  /** A value for a column: as it was given, and as Postgres reads it. */
  record Cell(WritableColumn column, Json given, @Nullable String text) {}

  static RowChange of(
      WriteChange change,
      WritableTable table,
      List<@Nullable String> key,
      List<Cell> cells,
      List<Cell> base) {
    String columns = numbers(cells);
    String kind = change.op() + " " + table.oid() + " " + columns + numbers(base) + key.size();
    return of(change, table, key, cells, base, columns, kind);
  }

  private static RowChange of(
      WriteChange change,
      WritableTable table,
      List<@Nullable String> key,
      List<Cell> cells,
      List<Cell> base,
      String columns,
      String kind) {
    return new RowChange(
        change,
        table,
        key,
        List.copyOf(cells),
        List.copyOf(base),
        Ledger.Name.of(change),
        columns,
        kind,
        key.isEmpty() ? Optional.empty() : Optional.of(hash(table, key)));
  }

  /** A change that comes after this one, and mostly is of the same kind. */
  @SuppressWarnings("ReferenceEquality") // a batch is planned with the same objects
  RowChange followedBy(
      WriteChange next,
      WritableTable itsTable,
      List<@Nullable String> itsKey,
      List<Cell> itsCells,
      List<Cell> itsBase) {
    boolean isAlike =
        next.op() == op()
            && itsTable == table
            && itsKey.size() == key.size()
            && areOfSameColumns(itsCells, cells)
            && areOfSameColumns(itsBase, base);
    return isAlike
        ? of(next, itsTable, itsKey, itsCells, itsBase, columns, kind)
        : of(next, itsTable, itsKey, itsCells, itsBase);
  }

  @SuppressWarnings("ReferenceEquality") // as above
  private static boolean areOfSameColumns(List<Cell> some, List<Cell> others) {
    if (some.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < some.size(); i++) {
      if (some.get(i).column() != others.get(i).column()) {
        return false;
      }
    }
    return true;
  }

  private static String numbers(List<Cell> cells) {
    StringBuilder numbers = new StringBuilder("{");
    for (Cell cell : cells) {
      numbers.append(numbers.length() == 1 ? "" : ",").append(cell.column().number());
    }
    return numbers.append('}').toString();
  }

  private static long hash(WritableTable table, List<@Nullable String> key) {
    StringBuilder text = new StringBuilder().append(table.oid());
    for (String part : key) {
      text.append(' ').append(part == null ? -1 : part.length()).append(' ').append(part);
    }
    try {
      MessageDigest digest = (MessageDigest) SHA256.clone();
      byte[] hash = digest.digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(hash).getLong();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JVM's own can be cloned", e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has it", e);
    }
  }

  Op op() {
    return change.op();
  }

  /** The numbers of the columns that are set, as an array literal; nothing for all. */
  @Nullable String columnNumbers() {
    return op() == Op.UPDATE ? columns : null;
  }

  boolean isSameRow(RowChange other) {
    return rowHash.isPresent() && rowHash.equals(other.rowHash);
  }

  /** The same change as one of the row that is there: what it sets beside the key. */
  List<Cell> cellsBesideKey() {
    return cells.stream().filter(cell -> !cell.column().isKey()).toList();
  }

  /** A batch has a change once. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RowChange that
        && change.id().equals(that.change.id())
        && change.createdAt().equals(that.change.createdAt());
  }

  @Override
  public int hashCode() {
    return change.id().hashCode();
  }

  /** The primary key as JSON, for {@code millrace.conflict}. */
  Json keyJson() {
    List<Json> parts = new ArrayList<>();
    for (String part : key) {
      parts.add(part == null ? Json.NULL : new Json.Text(part));
    }
    return new Json.Array(parts);
  }
}
