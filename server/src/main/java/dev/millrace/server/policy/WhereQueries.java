package dev.millrace.server.policy;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.filter.Clause;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.FilterAnalysis;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.filter.QueryingCondition;
import dev.millrace.server.filter.RecentlyUsed;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.Table;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where clauses of trusted clients that ask other tables, {@code team IN (SELECT …)}: they are read
 * as a policy would be that held everybody. Any thread; blocks.
 */
public final class WhereQueries {

  private static final long MOST_KEPT_BYTES = 8 << 20;

  /** What the clause is called as a policy; nobody is told. */
  private static final String NAME = "where";

  private static final String ONLY_IN =
      "only `value IN (SELECT ...)` sublinks are supported right now";

  private final Database database;
  private final Catalog catalog;
  private final FilterAnalysis analysis;

  private final RecentlyUsed<Key, PolicyTemplate> templates =
      new RecentlyUsed<>(MOST_KEPT_BYTES, (key, template) -> 4_000L + key.bytes());

  private record Key(int oid, List<Column.Identity> columns, Clause clause) {

    long bytes() {
      int parameters = clause.parameters().values().stream().mapToInt(String::length).sum();
      return 100L * columns.size() + 2L * clause.where().length() + parameters;
    }
  }

  public WhereQueries(Database database, Catalog catalog, FilterAnalysis analysis) {
    this.database = database;
    this.catalog = catalog;
    this.analysis = analysis;
  }

  /**
   * The rows that a clause means.
   *
   * @throws InvalidExpression for the client
   * @throws DatabaseException if Postgres cannot be asked
   */
  public View view(Table table, Clause clause) throws InvalidExpression {
    PolicyTemplate template = template(table, clause);
    List<String> questions = template.questions();
    List<Answer> answers = answers(questions);
    Filter rows = analysis.analysePrinted(table, template.filled(answers));
    try {
      return new View(
          table,
          Optional.empty(),
          Optional.of(rows),
          Optional.of(template.basis(answers)),
          template.dependencies(analysis, answers),
          connection -> RowSecurity.ask(connection, questions).equals(answers));
    } catch (AccessRefused e) {
      throw refusal(e);
    }
  }

  private List<Answer> answers(List<String> questions) throws InvalidExpression {
    try {
      return database.rehearse(
          "asking what a where clause asks",
          connection -> {
            try (Statement statement = connection.createStatement()) {
              statement.execute(RowSecurity.TIMEOUT);
            }
            return RowSecurity.ask(connection, questions);
          });
    } catch (DatabaseException e) {
      if (e.kind() == DatabaseException.Kind.DATA) {
        throw new InvalidExpression(e.message());
      }
      throw e;
    }
  }

  private PolicyTemplate template(Table table, Clause clause) throws InvalidExpression {
    List<Column.Identity> columns = table.columns().stream().map(Column::identity).toList();
    Key key = new Key(table.oid(), columns, clause);
    Optional<PolicyTemplate> kept =
        templates.get(key).filter(template -> template.isOf(catalog::table));
    if (kept.isPresent()) {
      return kept.get();
    }
    QueryingCondition condition = analysis.printed(table, clause);
    Map<Integer, TableAccess> read = new HashMap<>();
    for (Map.Entry<Integer, QueryingCondition.Read> one : condition.read().entrySet()) {
      if (one.getValue().isHeld()) {
        throw new InvalidExpression(
            "subqueries in WHERE cannot read a table whose policies hold the server itself");
      }
      read.put(one.getKey(), everything(one.getValue().hasHeirs()));
    }
    Policy policy = new Policy(NAME, true, condition.text(), Set.of());
    TableAccess access =
        new TableAccess(Set.of(), true, List.of(policy), List.of(), read, false, "");
    Table row =
        new Table(
            table.oid(),
            new RelationName("pg_temp", QueryingCondition.ROW),
            table.isPartitioned(),
            table.columns(),
            Optional.empty());
    try {
      PolicyTemplate template = PolicyTemplate.of(analysis, catalog::table, row, access);
      if (!template.readsTables()) {
        throw new InvalidExpression(ONLY_IN);
      }
      template.requireKnown(analysis);
      templates.put(key, template);
      return template;
    } catch (AccessRefused e) {
      throw refusal(e);
    }
  }

  private static TableAccess everything(boolean hasHeirs) {
    return new TableAccess(Set.of(), false, List.of(), List.of(), Map.of(), hasHeirs, "");
  }

  private static InvalidExpression refusal(AccessRefused cause) {
    return new InvalidExpression(ONLY_IN + ": " + cause.fault());
  }
}
