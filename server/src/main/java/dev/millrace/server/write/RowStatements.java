package dev.millrace.server.write;

import dev.millrace.protocol.WriteChange.Op;
import dev.millrace.server.write.ConflictPolicy.KeepBoth;
import dev.millrace.server.write.ConflictPolicy.LastWriteWins;
import dev.millrace.server.write.RowChange.Cell;
import dev.millrace.server.write.WritableColumn.Generation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The statements for a run: changes of the same kind, which differ in their values only. Values
 * come as arrays, one for each column, which {@code unnest} lays side by side; what comes as text
 * is cast to its column's type. So a statement is the same however many rows it writes.
 *
 * <p>In the statements {@code t} is the table and {@code u} the values: {@code k0} the first column
 * of the key, {@code v0} of what is set, {@code b0} of what was seen, {@code ord} the place in the
 * run from 1.
 */
final class RowStatements {

  /**
   * An array whose length the planner does not see. It takes it for short then, and looks each row
   * up by its key; when it knows of a thousand, it reads tables of some ten thousand rows whole,
   * and asks the policies about each of them.
   */
  static final String HIDDEN = "(select ?)";

  /** Postgres takes a hundred arguments at most. */
  private static final int COLUMNS_IN_AN_OBJECT = 50;

  private final List<RowChange> run;
  private final WritableTable table;
  private final List<Cell> cells;
  private final List<Cell> base;

  /** A run is not empty. */
  RowStatements(List<RowChange> run) {
    this.run = run;
    this.table = run.getFirst().table();
    this.cells = run.getFirst().cells();
    this.base = run.getFirst().base();
  }

  private String into() {
    return table.name().quoted();
  }

  /** Inserts all rows; with {@code wantsRows} it answers each as it is then. */
  RoundTrip insert(RoundTrip trip, boolean wantsRows) {
    String returning = wantsRows ? " returning " + String.join(", ", rowObjects("t")) : "";
    if (cells.isEmpty()) {
      return trip.add("insert into %s as t default values%s".formatted(into(), returning));
    }
    String sql =
        "insert into %s as t (%s) select %s from unnest(%s) u (%s)%s"
            .formatted(
                into(),
                each(cells, i -> cells.get(i).column().quoted()),
                each(cells, i -> "v" + i + "::" + cells.get(i).column().type().sql()),
                each(cells, i -> "?"),
                each(cells, i -> "v" + i),
                returning);
    return trip.add(sql, values(RowChange::cells, cells).toArray());
  }

  /**
   * Locks the rows that are there for this user and says how they differ: {@code ord}, whether the
   * row is newer (of {@code last-write-wins}), then for each column that is set beside the key what
   * stands there, as JSON, if that is neither what was seen nor what is set.
   */
  RoundTrip lock(RoundTrip trip) {
    List<Cell> set = run.getFirst().cellsBesideKey();
    String differences =
        set.stream().map(cell -> ", " + difference(cell)).collect(Collectors.joining());
    String sql =
        "select u.ord, %s%s from %s t join %s on %s order by %s for update of t"
            .formatted(
                isNewer(),
                differences,
                into(),
                source(true),
                keyMatches(),
                each(table.key(), i -> "t." + table.key().get(i).quoted()));
    return trip.add(sql, allValues().toArray());
  }

  private String isNewer() {
    if (table.policy().conflicts() instanceof LastWriteWins(String column)) {
      for (int i = 0; i < cells.size(); i++) {
        if (cells.get(i).column().name().equals(column)) {
          String stored = "t." + cells.get(i).column().quoted();
          return "coalesce(%s > %s, false)".formatted(stored, value("v", i));
        }
      }
    }
    return "false";
  }

  private String difference(Cell cell) {
    WritableColumn column = cell.column();
    if (!column.isReadable() || table.isUnion(column)) {
      return "null::text";
    }
    String stored = "t." + column.quoted();
    return "case when %s then coalesce(to_json(%s)::text, 'null') end"
        .formatted(isOther(column), stored);
  }

  /** Whether neither what was seen, if that is known, nor what is set stands in a column. */
  private String isOther(WritableColumn column) {
    String stored = "t." + column.quoted();
    String isOther = differs(column, stored, value("v", place(cells, column)));
    int seen = place(base, column);
    return seen < 0 || table.policy().conflicts() instanceof LastWriteWins
        ? isOther
        : isOther + " and " + isUnseen(column, stored, value("b", seen));
  }

  /**
   * Whether something else stands in a column than what a user saw there. A device that has not yet
   * read a number back knows it by the digits it was written with, and Postgres by those that its
   * column has: 1.5 and 1.50 are no two edits.
   */
  private static String isUnseen(WritableColumn column, String stored, String seen) {
    return column.type().kind() == ColumnType.Kind.NUMBER
        ? "%s is distinct from %s".formatted(stored, seen)
        : differs(column, stored, seen);
  }

  /** Values are the same if their texts are; where equal ones have no two, they are compared. */
  private static String differs(WritableColumn column, String stored, String value) {
    return switch (column.type().kind()) {
      case INTEGER, BOOLEAN, UUID, TIMESTAMP, DATE ->
          "%s is distinct from %s".formatted(stored, value);
      default -> "%s::text collate \"C\" is distinct from %s::text".formatted(stored, value);
    };
  }

  private static int place(List<Cell> cells, WritableColumn column) {
    for (int i = 0; i < cells.size(); i++) {
      if (cells.get(i).column().equals(column)) {
        return i;
      }
    }
    return -1;
  }

  /** Sets what is set beside the key; nothing is added if that is nothing. */
  RoundTrip update(RoundTrip trip) {
    return update(trip, run.getFirst().cellsBesideKey());
  }

  /** The same of those columns only that are sets, in which no edit is too late. */
  RoundTrip updateSets(RoundTrip trip) {
    return update(
        trip,
        run.getFirst().cellsBesideKey().stream()
            .filter(cell -> table.isUnion(cell.column()))
            .toList());
  }

  private RoundTrip update(RoundTrip trip, List<Cell> set) {
    if (set.isEmpty()) {
      return trip;
    }
    String sql =
        "update %s as t set %s from %s where %s"
            .formatted(
                into(),
                set.stream().map(this::assignment).collect(Collectors.joining(", ")),
                source(true),
                keyMatches());
    return trip.add(sql, allValues().toArray());
  }

  /**
   * Whether {@link #updateAsSeen} can be asked for: the author of each change said what stood in
   * all columns that it sets, as far as that matters.
   */
  boolean areSeen() {
    List<Cell> set = run.getFirst().cellsBesideKey();
    return run.getFirst().op() == Op.UPDATE
        && table.isSimple()
        && !(table.policy().conflicts() instanceof LastWriteWins)
        && !set.isEmpty()
        && set.stream().allMatch(cell -> !matters(cell) || place(base, cell.column()) >= 0);
  }

  private boolean matters(Cell cell) {
    return cell.column().isReadable() && !table.isUnion(cell.column());
  }

  /**
   * Sets what is set in the rows that are as their authors saw them, and answers how many those
   * are; and, if not all, {@code ord} of each with commas between. What another transaction has
   * changed meanwhile, Postgres compares again. Rows are locked in the order of their keys, as by
   * {@link #lock}.
   */
  RoundTrip updateAsSeen(RoundTrip trip) {
    List<Cell> set = run.getFirst().cellsBesideKey();
    String unchanged =
        set.stream()
            .filter(this::matters)
            .map(cell -> " and not (" + isOther(cell.column()) + ")")
            .collect(Collectors.joining());
    String sql =
        """
        with done as (update %s as t set %s from %s where %s%s returning u.ord)
        select count(*), case when count(*) < ?::bigint then string_agg(ord::text, ',') end from done
        """
            .formatted(
                into(),
                set.stream().map(this::assignment).collect(Collectors.joining(", ")),
                source(
                    sourceNames(true),
                    "order by " + each(table.key(), i -> Integer.toString(i + 1))),
                keyMatches(),
                unchanged);
    List<@Nullable Object> values = allValues();
    values.add(Integer.toString(run.size()));
    return trip.add(sql, values.toArray());
  }

  private String assignment(Cell cell) {
    WritableColumn column = cell.column();
    String yours = value("v", place(cells, column));
    return column.quoted() + " = " + (table.isUnion(column) ? union(column, yours) : yours);
  }

  /** What is there without what the author took out, and what the author put in. */
  private String union(WritableColumn column, String yours) {
    int seen = place(base, column);
    String type = column.type().sql();
    String saw = seen >= 0 ? "coalesce(%s, '{}')".formatted(value("b", seen)) : "'{}'::" + type;
    return """
    array(select e from (
        select e, 0 as part, n from unnest(t.%1$s) with ordinality x (e, n)
         where e <> all(%3$s) or e = any(%2$s)
        union all
        select e, 1, n from unnest(%2$s) with ordinality x (e, n)
         where e <> all(coalesce(t.%1$s, '{}')) and e <> all(%3$s)) m
       group by e order by min(part), min(n))::%4$s\
    """
        .formatted(column.quoted(), yours, saw, type);
  }

  /**
   * Deletes the rows; answers for each {@code ord}, for each column of base whether it was
   * different, and the row as it was.
   */
  RoundTrip delete(RoundTrip trip) {
    List<String> answer = new ArrayList<>(List.of("u.ord"));
    for (int i = 0; i < base.size(); i++) {
      WritableColumn column = base.get(i).column();
      answer.add(isUnseen(column, "t." + column.quoted(), value("b", i)));
    }
    answer.addAll(rowObjects("t"));
    String sql =
        "delete from %s as t using %s where %s returning %s"
            .formatted(into(), source(false), keyMatches(), String.join(", ", answer));
    List<@Nullable Object> values = keys();
    values.addAll(values(RowChange::base, base));
    return trip.add(sql, values.toArray());
  }

  /** The rows as they are now: {@code ord}, then the row. */
  RoundTrip select(RoundTrip trip) {
    String sql =
        "select u.ord, %s from %s t join %s on %s"
            .formatted(
                String.join(", ", rowObjects("t")), into(), source(keyNames(), ""), keyMatches());
    return trip.add(sql, keys().toArray());
  }

  /**
   * Inserts, for each row, another with what the change sets, under a new key; answers {@code ord}
   * by order, and the row. Empty if nobody could make a new key.
   */
  Optional<RoundTrip> insertCopies(RoundTrip trip, KeepBoth policy) {
    Optional<WritableColumn> renewed =
        table.key().stream()
            .filter(column -> column.generation() != Generation.NONE)
            .findFirst()
            .or(() ->
                table.key().reversed().stream()
                    .filter(column -> column.type().kind() == ColumnType.Kind.UUID)
                    .findFirst());
    if (renewed.isEmpty()) {
      return Optional.empty();
    }
    List<WritableColumn> copied =
        table.columns().stream()
            .filter(column -> column.isReadable() && column.generation() != Generation.ALWAYS)
            .filter(
                column -> !column.equals(renewed.get()) || column.generation() == Generation.NONE)
            .toList();
    String sql =
        "insert into %s as n (%s) select %s from %s t join %s on %s order by u.ord returning %s"
            .formatted(
                into(),
                each(copied, i -> copied.get(i).quoted()),
                each(copied, i -> copy(copied.get(i), renewed.get(), policy)),
                into(),
                source(true),
                keyMatches(),
                String.join(", ", rowObjects("n")));
    return Optional.of(trip.add(sql, allValues().toArray()));
  }

  private String copy(WritableColumn column, WritableColumn renewed, KeepBoth policy) {
    if (column.equals(renewed)) {
      return "gen_random_uuid()";
    }
    int set = place(cells, column);
    String value = set >= 0 && !column.isKey() ? value("v", set) : "t." + column.quoted();
    if (!column.name().equals(policy.labelColumn())) {
      return value;
    }
    return column.type().kind() == ColumnType.Kind.BOOLEAN
        ? "true"
        : "coalesce(%s::text, '') || ' (conflicting copy)'".formatted(value);
  }

  /** All columns that the role may read, as JSON objects that together are the row. */
  private List<String> rowObjects(String alias) {
    List<WritableColumn> readable =
        table.columns().stream().filter(WritableColumn::isReadable).toList();
    List<String> objects = new ArrayList<>();
    for (int from = 0; from < readable.size(); from += COLUMNS_IN_AN_OBJECT) {
      List<WritableColumn> part =
          readable.subList(from, Math.min(from + COLUMNS_IN_AN_OBJECT, readable.size()));
      String members =
          each(part, i -> literal(part.get(i).name()) + ", " + alias + "." + part.get(i).quoted());
      objects.add("json_build_object(" + members + ")::text");
    }
    return objects.isEmpty() ? List.of("'{}'") : objects;
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private String keyMatches() {
    List<String> equalities = new ArrayList<>();
    for (int i = 0; i < table.key().size(); i++) {
      WritableColumn column = table.key().get(i);
      equalities.add("t.%s %s u.k%d".formatted(column.quoted(), column.equality(), i));
    }
    return String.join(" and ", equalities);
  }

  /** Keys, what is set if that is wanted, and what was seen. */
  private String source(boolean withCells) {
    return source(sourceNames(withCells), "");
  }

  private Map<String, WritableColumn> sourceNames(boolean withCells) {
    Map<String, WritableColumn> names = keyNames();
    for (int i = 0; withCells && i < cells.size(); i++) {
      names.put("v" + i, cells.get(i).column());
    }
    for (int i = 0; i < base.size(); i++) {
      names.put("b" + i, base.get(i).column());
    }
    return names;
  }

  private Map<String, WritableColumn> keyNames() {
    Map<String, WritableColumn> names = new LinkedHashMap<>();
    for (int i = 0; i < table.key().size(); i++) {
      names.put("k" + i, table.key().get(i));
    }
    return names;
  }

  /**
   * Values of their columns' types. The casts stay in here, because of {@code offset 0}: in a
   * condition on the key they would count as functions that could tell a row before the policies
   * have seen it, and then no index of a table with policies is used.
   */
  private static String source(Map<String, WritableColumn> names, String order) {
    String typed =
        names.entrySet().stream()
            .map(n -> "%1$s::%2$s as %1$s".formatted(n.getKey(), n.getValue().type().sql()))
            .collect(Collectors.joining(", "));
    String marks = names.keySet().stream().map(name -> HIDDEN).collect(Collectors.joining(", "));
    return "(select %s, ord from unnest(%s) with ordinality x (%s, ord) %s offset 0) u"
        .formatted(typed, marks, String.join(", ", names.keySet()), order);
  }

  /** Those of {@link #source} with cells. */
  private List<@Nullable Object> allValues() {
    List<@Nullable Object> values = keys();
    values.addAll(values(RowChange::cells, cells));
    values.addAll(values(RowChange::base, base));
    return values;
  }

  private List<@Nullable Object> keys() {
    List<@Nullable Object> keys = new ArrayList<>();
    for (int i = 0; i < table.key().size(); i++) {
      int place = i;
      keys.add(column(table.key().get(i), change -> change.key().get(place)));
    }
    return keys;
  }

  private List<@Nullable Object> values(Function<RowChange, List<Cell>> cellsOf, List<Cell> alike) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < alike.size(); i++) {
      int place = i;
      values.add(column(alike.get(i).column(), change -> cellsOf.apply(change).get(place).text()));
    }
    return values;
  }

  private Object column(WritableColumn column, Function<RowChange, @Nullable String> text) {
    @Nullable String[] texts = new @Nullable String[run.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = text.apply(run.get(i));
    }
    return BinaryArray.of(column.type(), texts);
  }

  private static String value(String prefix, int i) {
    return "u." + prefix + i;
  }

  private static String each(List<?> list, Function<Integer, String> text) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      texts.add(text.apply(i));
    }
    return String.join(", ", texts);
  }
}
