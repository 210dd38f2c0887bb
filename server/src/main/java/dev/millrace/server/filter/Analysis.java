package dev.millrace.server.filter;

import dev.millrace.server.filter.CanonicalTemplate.Comparison;
import dev.millrace.server.filter.CanonicalTemplate.Difference;
import dev.millrace.server.filter.CanonicalTemplate.Gap;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One condition put before Postgres, on one connection, in a transaction that is to be rolled back.
 */
final class Analysis {

  private static final String PLAIN_TYPES =
      "select u.type, format_type(u.type::regtype, -1) from unnest(?) as u (type)";

  private final Connection connection;
  private final Condition condition;

  private Analysis(Connection connection, Condition condition) {
    this.connection = connection;
    this.condition = condition;
  }

  /**
   * What a condition means.
   *
   * @param template for others like it, if filling it with the constants of this one gives {@code
   *     filter}; empty if it cannot
   */
  record Result(Filter filter, Optional<CanonicalTemplate> template) {}

  /**
   * Has Postgres read {@code condition}.
   *
   * @throws InvalidExpression if it may not be, or cannot
   */
  static Result of(Connection connection, Condition condition)
      throws InvalidExpression, SQLException {
    FunctionRules.check(condition.expression(), connection);
    return new Analysis(connection, condition).result();
  }

  /** Has Postgres print a condition in which queries may stand. */
  static QueryingCondition withQueries(Connection connection, Condition condition)
      throws InvalidExpression, SQLException {
    FunctionRules.check(condition.expression(), connection);
    Trial trial = Trial.begin(connection, condition);
    try {
      return trial.printWithQueries(condition.text());
    } catch (Trial.Mistake mistake) {
      throw condition.mistake(mistake);
    }
  }

  private Result result() throws InvalidExpression, SQLException {
    Trial.Printed printed = print();
    String direct = printed.texts().getFirst();
    Filter filter = Filter.of(direct);
    boolean readsDates = false;
    if (printed.tree().isPresent()) {
      String tree = printed.tree().get();
      readsDates = StableRules.check(connection, condition.expression(), tree);
    }
    if (readsDates) {
      PresentTime.refuse(condition.strings());
    }
    PresentTime.refuseUnlessKept(condition.lifted().fixed(), direct);
    Optional<Comparison> comparison =
        printed.texts().size() == 1
            ? Optional.empty()
            : Comparison.of(direct, printed.texts().get(1));
    return new Result(
        filter, comparison.isPresent() ? template(comparison.get(), readsDates) : Optional.empty());
  }

  private Trial.Printed print() throws InvalidExpression, SQLException {
    Trial trial = Trial.begin(connection, condition);
    try {
      return trial.print(condition.text(), condition.lifted().trial());
    } catch (Trial.Mistake mistake) {
      throw condition.mistake(mistake);
    }
  }

  private Optional<CanonicalTemplate> template(Comparison comparison, boolean readsDates)
      throws SQLException {
    List<Difference> differences = comparison.differences();
    List<Integer> uses = condition.lifted().uses();
    boolean hasFields = differences.stream().anyMatch(gap -> gap.type().startsWith("interval "));
    if (differences.size() != uses.size() || hasFields) {
      return Optional.empty();
    }
    Map<String, String> plain = plainTypes(differences);
    List<Gap> gaps = new ArrayList<>();
    for (int i = 0; i < uses.size(); i++) {
      String type = differences.get(i).type();
      gaps.add(new Gap(uses.get(i), type, plain.getOrDefault(type, type)));
    }
    return Optional.of(new CanonicalTemplate(comparison.text(), gaps, readsDates));
  }

  /** What reads a constant, where that is not the type that is printed. */
  private Map<String, String> plainTypes(List<Difference> differences) throws SQLException {
    String[] types =
        differences.stream()
            .map(Difference::type)
            .filter(type -> type.indexOf('(') >= 0)
            .distinct()
            .toArray(String[]::new);
    Map<String, String> plain = new HashMap<>(Map.of("unknown", "text"));
    if (types.length > 0) {
      try (PreparedStatement query = connection.prepareStatement(PLAIN_TYPES)) {
        query.setArray(1, connection.createArrayOf("text", types));
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            plain.put(rows.getString(1), rows.getString(2));
          }
        }
      }
    }
    return plain;
  }
}
