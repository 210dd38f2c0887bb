package dev.millrace.conformance;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.filter.CompiledFilter;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.FilterCompiler;
import dev.millrace.server.filter.FilterRow;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.Table;
import dev.millrace.server.postgres.Tuple;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table of every type with rows full of edge values, and random conditions on it that Postgres
 * and the filters of the server both evaluate, row by row.
 */
final class FilterOracle {

  /** How many conditions Postgres is asked about at once. */
  private static final int BATCH = 30;

  /** Columns: name and type, as it is declared; several of the types that matter most. */
  private static final Map<String, String> COLUMNS =
      columns(
          "b boolean",
          "i2 smallint",
          "i4 integer",
          "i integer",
          "i8 bigint",
          "f4 real",
          "f8 double precision",
          "n numeric",
          "n2 numeric(12,2)",
          "t text",
          "t2 text",
          "\"T c\" text collate \"C\"",
          "v varchar(20)",
          "c char(6)",
          "na name",
          "u uuid",
          "u2 uuid",
          "by bytea",
          "d date",
          "ti time",
          "tz timetz",
          "ts timestamp",
          "tstz timestamptz",
          "iv interval",
          "j json",
          "jb jsonb",
          "jb2 jsonb",
          "m mood",
          "ia integer[]",
          "ta text[]",
          "numa numeric[]",
          "ua uuid[]",
          "ma mood[]",
          "fa double precision[]",
          "dom posint");

  private final Connection connection;
  private final Database database;
  private final RandomGenerator random;
  private final List<List<@Nullable String>> rows = new ArrayList<>();

  private long pairs;
  private long refused;
  private long evaluatedNatively;
  private long delegated;
  private final List<String> differences = new ArrayList<>();
  private final Map<String, Integer> left = new LinkedHashMap<>();

  private static Map<String, String> columns(String... declarations) {
    Map<String, String> columns = new LinkedHashMap<>();
    for (String declaration : declarations) {
      int end =
          declaration.startsWith("\"") ? declaration.indexOf('"', 1) + 1 : declaration.indexOf(' ');
      columns.put(declaration.substring(0, end), declaration.substring(end + 1));
    }
    return columns;
  }

  /**
   * An oracle on an empty database.
   *
   * @param connection with the session settings of the server's own
   */
  FilterOracle(Connection connection, Database database, RandomGenerator random) {
    this.connection = connection;
    this.database = database;
    this.random = random;
  }

  /** Columns by the type that random expressions know them under. */
  private static Map<String, List<String>> columnsByType() {
    Map<String, List<String>> byType = new LinkedHashMap<>();
    COLUMNS.forEach((name, declared) -> {
      String type =
          declared.equals("posint") ? "integer" : declared.replaceAll("\\(.*| collate.*", "");
      byType.computeIfAbsent(type, key -> new ArrayList<>()).add(name);
    });
    return byType;
  }

  void prepare(int count) throws SQLException {
    execute(
        "drop table if exists oracle, canon; drop domain if exists posint; drop type if exists mood");
    execute("create type mood as enum ('sad', 'ok', 'happy', 'a b')");
    execute("create domain posint as integer");
    List<String> declarations = new ArrayList<>();
    COLUMNS.forEach((name, type) -> declarations.add(name + " " + type));
    execute(
        "create table oracle (id integer primary key, " + String.join(", ", declarations) + ")");
    for (int id = 0; id < count; id++) {
      insert(id);
    }
    readRows();
    execute("create table canon (like oracle)");
    execute("set search_path = pg_catalog");
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Each column has one of its type's literals, or NULL; what does not fit is left out. */
  private void insert(int id) throws SQLException {
    List<String> values = new ArrayList<>();
    COLUMNS.forEach((name, declared) -> {
      String type =
          declared.equals("posint") ? "integer" : declared.replaceAll("\\(.*| collate.*", "");
      List<String> literals = RandomExpressions.LITERALS.getOrDefault(type, List.of("null"));
      values.add(random.nextInt(8) == 0 ? "null" : literals.get(random.nextInt(literals.size())));
    });
    values.replaceAll(value -> value.replace("null::text", "null"));
    String sql = "insert into oracle values (" + id + ", " + String.join(", ", values) + ")";
    try {
      execute(sql.replace("12345678901234567890.123456789", "1234567890.123456789"));
    } catch (SQLException e) {
      execute("insert into oracle (id) values (" + id + ")");
    }
  }

  private void readRows() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select * from oracle order by id")) {
      while (found.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          row.add(found.getString(i));
        }
        rows.add(row);
      }
    }
  }

  /** Compares until there were so many pairs of a condition and a row. */
  void compare(long wanted) throws SQLException {
    Table table = new Catalog(database).table(new RelationName("public", "oracle")).orElseThrow();
    FilterCompiler compiler = new FilterCompiler(database);
    RandomExpressions expressions = new RandomExpressions(random, columnsByType());
    connection.setAutoCommit(false);
    while (pairs < wanted) {
      List<String> texts = canonical(Stream.generate(expressions::condition).limit(BATCH).toList());
      List<CompiledFilter> filters = new ArrayList<>();
      for (String text : texts) {
        CompiledFilter filter = compiler.compile(new Filter(text), table);
        note(filter);
        filters.add(filter);
      }
      compare(texts, filters);
      connection.rollback();
    }
    connection.setAutoCommit(true);
  }

  /** As Postgres prints them; those that it does not take are left out. */
  private List<String> canonical(List<String> texts) throws SQLException {
    Savepoint before = connection.setSavepoint();
    List<String> canonical = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "alter table public.canon add check ("
              + String.join(") not valid, add check (", texts)
              + ") not valid");
      try (ResultSet found =
          statement.executeQuery(
              "select pg_get_expr(conbin, conrelid) from pg_constraint"
                  + " where conrelid = 'public.canon'::regclass and contype = 'c'")) {
        while (found.next()) {
          canonical.add(found.getString(1));
        }
      }
      return canonical;
    } catch (SQLException e) {
      connection.rollback(before);
      if (texts.size() == 1) {
        refused++;
        return List.of();
      }
      int half = texts.size() / 2;
      canonical.addAll(canonical(texts.subList(0, half)));
      canonical.addAll(canonical(texts.subList(half, texts.size())));
      return canonical;
    } finally {
      connection.rollback(before);
    }
  }

  private void note(CompiledFilter filter) {
    if (filter.isNative()) {
      evaluatedNatively++;
    } else {
      delegated++;
      filter.delegated().forEach(sql -> left.merge(sql, 1, Integer::sum));
    }
  }

  private void compare(List<String> texts, List<CompiledFilter> filters) throws SQLException {
    List<List<@Nullable String>> expected = evaluateAll(texts);
    FilterRow row = new FilterRow();
    int[] places = new int[rows.getFirst().size()];
    Arrays.setAll(places, i -> i);
    for (int r = 0; r < rows.size(); r++) {
      row.reset(Tuple.of(rows.get(r)), null, places);
      for (int e = 0; e < texts.size(); e++) {
        pairs++;
        boolean wanted = "true".equals(expected.get(e).get(r));
        boolean found = filters.get(e).mayMatch(row);
        boolean isRight = filters.get(e).isNative() ? found == wanted : found || !wanted;
        if (!isRight) {
          differences.add(
              "row %d: Postgres %s, we %s: %s"
                  .formatted(r, expected.get(e).get(r), found, texts.get(e)));
        }
      }
    }
  }

  /** For each condition what Postgres says of each row: true, false, null or an error. */
  private List<List<@Nullable String>> evaluateAll(List<String> texts) throws SQLException {
    try {
      return evaluate(texts);
    } catch (SQLException e) {
      if (texts.size() > 1) {
        int half = texts.size() / 2;
        List<List<@Nullable String>> all = new ArrayList<>(evaluateAll(texts.subList(0, half)));
        all.addAll(evaluateAll(texts.subList(half, texts.size())));
        return all;
      }
      return List.of(evaluateEach(texts.getFirst()));
    }
  }

  private List<List<@Nullable String>> evaluate(List<String> texts) throws SQLException {
    Savepoint before = connection.setSavepoint();
    List<List<@Nullable String>> results = new ArrayList<>();
    texts.forEach(text -> results.add(new ArrayList<>()));
    String sql =
        "select (" + String.join(")::text, (", texts) + ")::text from public.oracle order by id";
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      while (found.next()) {
        for (int i = 0; i < texts.size(); i++) {
          results.get(i).add(found.getString(i + 1));
        }
      }
      return results;
    } catch (SQLException e) {
      connection.rollback(before);
      throw e;
    }
  }

  /** Row by row, where some raise an error. */
  private List<@Nullable String> evaluateEach(String text) throws SQLException {
    execute(
        """
        create or replace function public.outcomes() returns text[] language plpgsql as $outcomes$
        #variable_conflict use_column
        declare
          outcome_ text;
          outcomes_ text[];
        begin
          for row_ in 0 .. %d loop
            begin
              select (%s)::text into outcome_ from public.oracle where id = row_;
            exception when others then
              outcome_ := 'error';
            end;
            outcomes_ := outcomes_ || outcome_;
          end loop;
          return outcomes_;
        end $outcomes$
        """
            .formatted(rows.size() - 1, text));
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select unnest(public.outcomes())")) {
      List<@Nullable String> results = new ArrayList<>();
      while (found.next()) {
        results.add(found.getString(1));
      }
      return results;
    }
  }

  long pairs() {
    return pairs;
  }

  List<String> differences() {
    return differences;
  }

  /** Of the conditions that Postgres took, which part we evaluated ourselves. */
  double nativeShare() {
    return (double) evaluatedNatively / (evaluatedNatively + delegated);
  }

  /** What happened, in a line. */
  String summary() {
    return "%,d pairs, %,d conditions, %,d refused by Postgres, %.2f %% evaluated natively"
        .formatted(pairs, evaluatedNatively + delegated, refused, 100 * nativeShare());
  }

  /** Conjuncts that were left to Postgres. */
  List<String> delegated() {
    return List.copyOf(left.keySet());
  }
}
