package dev.millrace.server.shape;

import dev.millrace.protocol.JsonText;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.PgSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells those who have the rows of one moment how they get those of another: which go, which come,
 * which are different; as the changes of one transaction, then what the later moment has seen. One
 * thread.
 */
final class Difference {

  private final Projection projection;
  private final long tx;
  private final int xid;
  private final long chunkBytes;

  private final List<Part> parts = new ArrayList<>();
  private final Messages.Builder building = new Messages.Builder();
  private int growth;
  private long op;

  /** The change written last, still open: only the next one shows that it is not the last. */
  private boolean isOpen;

  /**
   * Some of the messages.
   *
   * @param growth rows that come less rows that go
   */
  record Part(Messages messages, int growth) {}

  /**
   * Tells nothing yet.
   *
   * @param tx commit LSN of the transaction that the changes are said to be of
   * @param xid its number
   * @param chunkBytes where a part ends, about
   */
  Difference(Projection projection, long tx, int xid, long chunkBytes) {
    this.projection = projection;
    this.tx = tx;
    this.xid = xid;
    this.chunkBytes = chunkBytes;
  }

  /**
   * The messages, in parts of which none is empty.
   *
   * @param seen what the later moment has seen
   */
  List<Part> between(ToldRows before, ToldRows after, PgSnapshot seen) {
    Set<String> gone = new HashSet<>(before.rows().keySet());
    gone.removeAll(after.rows().keySet());
    for (String key : gone) {
      delete(key, Objects.requireNonNull(before.rows().get(key)));
    }
    for (Map.Entry<String, @Nullable String[]> row : after.rows().entrySet()) {
      @Nullable String @Nullable [] old = before.rows().get(row.getKey());
      if (old == null) {
        insert(row.getKey(), row.getValue());
      } else if (!Arrays.equals(old, row.getValue())) {
        update(row.getKey(), old, row.getValue());
      }
    }
    close(true);
    MessageEncoder.snapshotEnd(building.bytes(), seen);
    building.ended(tx, op);
    endPart();
    return parts;
  }

  private boolean isFull() {
    return projection.replica() == ShapeDefinition.Replica.FULL;
  }

  private boolean isKey(int place) {
    return projection.columns().get(place).isKey();
  }

  private void delete(String key, @Nullable String[] row) {
    open(key, values(row, place -> isFull() || isKey(place)), "", "delete", -1);
  }

  private void insert(String key, @Nullable String[] row) {
    open(key, values(row, place -> true), "", "insert", 1);
  }

  private void update(String key, @Nullable String[] old, @Nullable String[] row) {
    IntPredicate isChanged = place -> !Objects.equals(old[place], row[place]);
    String value = values(row, place -> isFull() || isKey(place) || isChanged.test(place));
    String before = isFull() ? ",\"old_value\":" + values(old, isChanged) : "";
    open(key, value, before, "update", 0);
  }

  private String values(@Nullable String[] row, IntPredicate isWanted) {
    StringBuilder out = new StringBuilder("{");
    for (int i = 0; i < row.length; i++) {
      if (isWanted.test(i)) {
        Column column = projection.columns().get(i);
        String value = row[i];
        out.append(out.length() == 1 ? "" : ",")
            .append(JsonText.quote(column.name()))
            .append(':')
            .append(value == null ? "null" : JsonText.quote(value));
      }
    }
    return out.append('}').toString();
  }

  private void open(String key, String value, String oldValue, String operation, int rows) {
    close(false);
    // The first change of a transaction and the next are not parted.
    if (building.bytes().size() >= chunkBytes && op > 1) {
      endPart();
    }
    String message =
        ",{\"key\":%s,\"value\":%s%s,\"headers\":{\"operation\":\"%s\",\"relation\":[%s,%s],\"txids\":[%s],\"lsn\":\"%s\",\"op_position\":%d"
            .formatted(
                JsonText.quote(key),
                value,
                oldValue,
                operation,
                JsonText.quote(projection.relation().schema()),
                JsonText.quote(projection.relation().table()),
                Integer.toUnsignedString(xid),
                Long.toUnsignedString(tx),
                op);
    building.bytes().add(message.getBytes(StandardCharsets.UTF_8));
    growth += rows;
    isOpen = true;
  }

  private void close(boolean isLast) {
    if (isOpen) {
      MessageEncoder.close(building.bytes(), isLast);
      building.ended(tx, op++);
      isOpen = false;
    }
  }

  private void endPart() {
    if (!building.isEmpty()) {
      parts.add(new Part(building.take(), growth));
      growth = 0;
    }
  }
}
