package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What clients have, beside what SELECT has. */
final class OracleVerdict {
  private final SyncedDatabase database;
  private final List<OracleTable> tables;

  OracleVerdict(SyncedDatabase database, List<OracleTable> tables) {
    this.database = database;
    this.tables = tables;
  }

  private OracleTable table(FollowedShape shape) {
    return tables.stream().filter(shape::fits).findFirst().orElseThrow();
  }

  /** The rows of a shape as SELECT has them. */
  List<Row> rowsOf(FollowedShape shape) throws SQLException {
    OracleTable table = table(shape);
    return database.select(
        table.quoted(), condition(shape), shape.columnsOf(table), table.key().columns());
  }

  private static String condition(FollowedShape shape) {
    return shape.filter().map(OracleFilter::sql).orElse("true");
  }

  /** That a client has what it should have, as far as it can know it. */
  void assertAgrees(StrictClient client) throws SQLException {
    List<Row> expected = rowsOf(client.shape());
    CopiedRows copied = client.look(copy -> copy.rows().orElseThrow());
    if (copied.isComplete()) {
      assertSame(client, copied.rows(), expected);
    } else {
      assertFits(client, copied, expected);
      assertNothingIsMissing(client, copied);
    }
  }

  /** Says which rows differ, not what all of them are. */
  private static void assertSame(StrictClient client, List<Row> found, List<Row> expected) {
    List<Row> missing = new ArrayList<>(expected);
    missing.removeAll(found);
    List<Row> beside = new ArrayList<>(found);
    beside.removeAll(expected);
    assertThat(missing).as("rows of SELECT that %s has not (it has %s)", client, beside).isEmpty();
    assertThat(beside).as("rows of %s that SELECT has not", client).isEmpty();
    assertThat(Row.keys(found)).isEqualTo(Row.keys(expected));
  }

  private static void assertFits(StrictClient client, CopiedRows copied, List<Row> expected) {
    Map<String, Row> byKey =
        expected.stream().collect(Collectors.toMap(Row::key, Function.identity()));
    assertThat(copied.deleted())
        .as("deleted for %s", client)
        .doesNotContainAnyElementsOf(byKey.keySet());
    for (Row row : copied.rows()) {
      assertThat(byKey).as("rows of SELECT, for %s", client).containsKey(row.key());
      Map<String, @Nullable Object> all = Objects.requireNonNull(byKey.get(row.key())).values();
      Map<String, @Nullable Object> told = new TreeMap<>(all);
      told.keySet().retainAll(row.values().keySet());
      assertThat(new TreeMap<>(row.values())).as("%s of %s", row.key(), client).isEqualTo(told);
    }
  }

  /** That it has heard of every row whose stamp says that it was written since its snapshot. */
  private void assertNothingIsMissing(StrictClient client, CopiedRows copied) throws SQLException {
    OracleTable table = table(client.shape());
    List<String> key = table.key().columns();
    boolean isStampTold = client.shape().columnsOf(table).contains(OracleTable.STAMP);
    if (key.isEmpty() || !isStampTold) {
      return;
    }
    List<String> columns = new ArrayList<>(key);
    columns.add(OracleTable.STAMP);
    long since = client.look(StrictCopy::firstAfterSnapshot);
    List<String> written =
        database.select(table.quoted(), condition(client.shape()), columns, key).stream()
            .filter(row -> stamp(row) >= since)
            .map(Row::key)
            .toList();
    assertThat(Row.keys(copied.rows())).as("changes told to %s", client).containsAll(written);
  }

  private static long stamp(Row row) {
    Object stamp = row.values().get(OracleTable.STAMP);
    return stamp == null ? -1 : Long.parseLong(stamp.toString());
  }
}
