package dev.millrace.server.policy;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.FilterAnalysis;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.policy.SessionTerms.Part;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The policies of a table for a role, put together as Postgres does: a row must meet one of the
 * permissive ones and all of the restrictive ones. What they ask of the session is left open.
 * Immutable.
 */
final class PolicyTemplate {

  /** No policy lets anybody in. */
  private static final String NOTHING = "false";

  private static final Collector<CharSequence, ?, String> NEVER =
      Collectors.joining(" AND ", "(false AND ", ")");

  /**
   * What a condition asks.
   *
   * @param sql the question alone
   * @param text what stands in the condition, with the answer still to be found
   * @param row the columns that are compared with rows of the answer; none if that is a value
   */
  private record Question(String sql, boolean readsTable, String text, List<String> row) {

    static Question ofSession(String sql) {
      return new Question(sql, false, sql, List.of());
    }

    /** What takes its place in the condition. */
    String filled(Answer answer) {
      if (row.isEmpty()) {
        return answer.constant();
      }
      if (answer.isNothing()) {
        // Names them all the same.
        return row.stream().map(column -> column + " IS NULL").collect(NEVER);
      }
      return "((%s) IN (%s))".formatted(String.join(", ", row), answer.value());
    }
  }

  /** A condition, taken apart. */
  private record Piece(SessionTerms terms, List<Part> parts, List<Question> questions) {

    /** As Postgres itself can evaluate it. */
    String whole() {
      return terms.replaced(parts, questions.stream().map(Question::text).toList());
    }

    String filled(List<String> values) {
      return "(" + terms.replaced(parts, values) + ")";
    }
  }

  private record PolicyPiece(Policy policy, Piece piece) {}

  /**
   * Values of another table that a policy asks for.
   *
   * @param where which rows count
   * @param held that table's own policies, which decide too
   */
  private record ValuesPiece(
      String policy, Table table, Set<String> columns, Piece where, Optional<PolicyTemplate> held) {

    List<Question> questions() {
      Stream<Question> further = held.stream().flatMap(PolicyTemplate::asked);
      return Stream.concat(where.questions().stream(), further).toList();
    }

    String filled(List<String> answers) {
      int own = where.questions().size();
      String rows = where.filled(answers.subList(0, own));
      return held.map(
              policies -> rows + " AND " + policies.put(answers.subList(own, answers.size())))
          .orElse(rows);
    }
  }

  private final List<PolicyPiece> pieces;
  private final List<ValuesPiece> values;

  private PolicyTemplate(List<PolicyPiece> pieces, List<ValuesPiece> values) {
    this.pieces = List.copyOf(pieces);
    this.values = List.copyOf(values);
  }

  /** Finds a table as the catalogue has it. */
  @FunctionalInterface
  interface Tables {
    Optional<Table> find(RelationName name);
  }

  /**
   * Takes policies apart.
   *
   * @throws AccessRefused if one of them depends on more than the row and the session's settings
   */
  static PolicyTemplate of(FilterAnalysis analysis, Tables tables, Table table, TableAccess access)
      throws AccessRefused {
    return new Reader(analysis, tables, table, access, false).read();
  }

  /** What the policies ask, as SQL, in the order in which answers are filled in. */
  List<String> questions() {
    return asked().map(Question::sql).toList();
  }

  private Stream<Question> asked() {
    return Stream.concat(
        pieces.stream().flatMap(one -> one.piece().questions().stream()),
        values.stream().flatMap(one -> one.questions().stream()));
  }

  /** Whether other tables are asked. */
  boolean readsTables() {
    return !values.isEmpty();
  }

  /** Whether the tables that are asked are still the same. */
  boolean isOf(Tables tables) {
    return values.stream()
        .allMatch(one -> tables.find(one.table().name()).filter(one.table()::equals).isPresent());
  }

  /** Names of the policies that ask anything. */
  String askers() {
    return pieces.stream()
        .filter(one -> !one.piece().parts().isEmpty())
        .map(one -> one.policy().name())
        .collect(Collectors.joining("\", \""));
  }

  /** The condition with the answers as SQL. */
  String filled(List<Answer> answers) {
    return put(texts(answers));
  }

  private List<String> texts(List<Answer> answers) {
    List<Question> questions = asked().toList();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      texts.add(questions.get(i).filled(answers.get(i)));
    }
    return texts;
  }

  private String put(List<String> answers) {
    List<String> permissive = new ArrayList<>();
    List<String> all = new ArrayList<>();
    int used = 0;
    for (PolicyPiece one : pieces) {
      int to = used + one.piece().parts().size();
      String condition = one.piece().filled(answers.subList(used, to));
      (one.policy().isPermissive() ? permissive : all).add(condition);
      used = to;
    }
    if (permissive.isEmpty()) {
      return NOTHING;
    }
    all.addFirst("(" + String.join(" OR ", permissive) + ")");
    return String.join(" AND ", all);
  }

  /** The same but for what other tables answer: for that the questions stand. */
  String basis(List<Answer> answers) {
    List<Question> questions = asked().toList();
    List<String> lasting = texts(answers);
    for (int i = 0; i < lasting.size(); i++) {
      if (questions.get(i).readsTable()) {
        lasting.set(i, questions.get(i).text());
      }
    }
    int own = pieces.stream().mapToInt(one -> one.piece().questions().size()).sum();
    // Which of the queries was told what: the dependencies alone do not say it.
    return put(lasting) + " " + lasting.subList(own, lasting.size());
  }

  /** That Postgres alone knows what the queries ask, before it is asked. */
  void requireKnown(FilterAnalysis analysis) throws InvalidExpression {
    for (ValuesPiece one : values) {
      analysis.analysePrinted(one.table(), one.where().terms().withoutSession());
    }
  }

  /**
   * What the answers depend on of other tables.
   *
   * @throws AccessRefused if it cannot be told when they change
   */
  List<Dependency> dependencies(FilterAnalysis analysis, List<Answer> answers)
      throws AccessRefused {
    List<String> texts = texts(answers);
    int used = pieces.stream().mapToInt(one -> one.piece().parts().size()).sum();
    List<Dependency> dependencies = new ArrayList<>();
    for (ValuesPiece one : values) {
      int to = used + one.questions().size();
      String rows = one.filled(texts.subList(used, to));
      try {
        Filter filter = analysis.analysePrinted(one.table(), rows);
        dependencies.add(new Dependency(one.table(), one.columns(), filter));
      } catch (InvalidExpression e) {
        throw AccessRefused.of(one.policy(), e.reason());
      }
      used = to;
    }
    return dependencies.stream().distinct().toList();
  }

  /** Takes policies apart, one by one. */
  private static final class Reader {

    private final FilterAnalysis analysis;
    private final Tables tables;
    private final Table table;
    private final TableAccess access;
    private final boolean isNested;
    private final Map<Long, PolicyFunction> functions = new HashMap<>();
    private final List<ValuesPiece> values = new ArrayList<>();

    /**
     * @param isNested whether the table is read by policies of another one
     */
    Reader(
        FilterAnalysis analysis, Tables tables, Table table, TableAccess access, boolean isNested) {
      this.analysis = analysis;
      this.tables = tables;
      this.table = table;
      this.access = access;
      this.isNested = isNested;
      access.functions().forEach(function -> functions.put(function.oid(), function));
    }

    PolicyTemplate read() throws AccessRefused {
      List<PolicyPiece> pieces = new ArrayList<>();
      for (Policy policy : access.policies()) {
        try {
          pieces.add(new PolicyPiece(policy, read(policy)));
        } catch (InvalidExpression e) {
          throw AccessRefused.of(policy.name(), e.reason());
        }
      }
      return new PolicyTemplate(pieces, values);
    }

    private Piece read(Policy policy) throws InvalidExpression {
      Map<String, String> wrappers = wrappers(policy);
      String condition = Subqueries.rewritten(policy.condition(), table.name().table());
      return piece(policy, condition, table, wrappers);
    }

    private Piece piece(Policy policy, String condition, Table of, Map<String, String> wrappers)
        throws InvalidExpression {
      SessionTerms terms = SessionTerms.in(condition, names(of), wrappers);
      List<Part> parts = new ArrayList<>();
      List<Question> questions = new ArrayList<>();
      for (Part part : terms.parts()) {
        String sql = part.of(condition);
        if (!SessionTerms.readsTables(sql)) {
          requireConstant(SessionTerms.in(sql, Set.of(), wrappers));
          parts.add(part);
          questions.add(Question.ofSession(sql));
          continue;
        }
        Subqueries.Values asked = Subqueries.values(sql);
        ValuesPiece piece = values(policy, asked, wrappers);
        values.add(piece);
        Subqueries.Values whole = asked.where(piece.where().whole());
        String question = Subqueries.question(whole, piece.table());
        if (asked.isOfRows()) {
          SessionTerms.RowComparison comparison = terms.comparison(part);
          parts.add(comparison.whole());
          String row = String.join(", ", comparison.columns());
          String text = "((%s) IN (%s))".formatted(row, whole.query());
          questions.add(new Question(question, true, text, comparison.columns()));
        } else {
          parts.add(part);
          questions.add(new Question(question, true, question, List.of()));
        }
      }
      return new Piece(terms, parts, questions);
    }

    private ValuesPiece values(Policy policy, Subqueries.Values asked, Map<String, String> wrappers)
        throws InvalidExpression {
      if (isNested) {
        throw new InvalidExpression("it has a subquery, and policies of another table read it");
      }
      Table read =
          tables
              .find(asked.table())
              .filter(found -> found.obstacle().isEmpty())
              .orElseThrow(() ->
                  new InvalidExpression("it reads %s, which is no table".formatted(asked.table())));
      TableAccess held = access.references().get(read.oid());
      if (held == null || held.hasHeirs() || read.isPartitioned()) {
        throw new InvalidExpression(
            "it reads %s, whose changes cannot be followed".formatted(asked.table()));
      }
      Optional<PolicyTemplate> policies =
          held.isFiltered() ? Optional.of(followed(read, held)) : Optional.empty();
      if (!names(read).containsAll(asked.columns())) {
        throw new InvalidExpression("it reads a system column of %s".formatted(asked.table()));
      }
      Piece where = piece(policy, asked.where(), read, wrappers);
      return new ValuesPiece(policy.name(), read, Set.copyOf(asked.columns()), where, policies);
    }

    /** The policies of what is read, which must depend on its rows alone. */
    private PolicyTemplate followed(Table read, TableAccess held) throws InvalidExpression {
      String reason;
      try {
        PolicyTemplate policies = new Reader(analysis, tables, read, held, true).read();
        for (PolicyPiece one : policies.pieces) {
          analysis.analysePrinted(read, one.piece().terms().withoutSession());
        }
        return policies;
      } catch (AccessRefused e) {
        reason = e.reason();
      } catch (InvalidExpression e) {
        reason = e.reason();
      }
      throw new InvalidExpression("it reads %s: %s".formatted(read.name(), reason));
    }

    private static Set<String> names(Table table) {
      return table.columns().stream().map(Column::name).collect(Collectors.toUnmodifiableSet());
    }

    /** The functions that only wrap what the session says. */
    private Map<String, String> wrappers(Policy policy) throws InvalidExpression {
      Map<String, String> wrappers = new HashMap<>();
      for (long called : policy.functions()) {
        PolicyFunction function = functions.get(called);
        if (function != null && !function.isOfExtension()) {
          requireWrapper(function);
          wrappers.put(SessionTerms.key(function.schema(), function.name()), function.returnType());
        }
      }
      return wrappers;
    }

    private void requireWrapper(PolicyFunction function) throws InvalidExpression {
      String expression =
          function
              .expression()
              .orElseThrow(() ->
                  new InvalidExpression(
                      "it calls %s, which is not a single expression in SQL"
                          .formatted(function.signature())));
      try {
        if (SessionTerms.readsTables(expression)) {
          throw new InvalidExpression("it has a subquery");
        }
        Filter meant = requireConstant(SessionTerms.in(expression, Set.of(), Map.of()));
        if (SessionTerms.callsOthers(meant.canonical())) {
          throw new InvalidExpression("it calls further functions");
        }
      } catch (InvalidExpression e) {
        throw new InvalidExpression("it calls %s: %s".formatted(function.signature(), e.reason()));
      }
    }

    /** That nothing but the session's settings makes a difference, the time least of all. */
    private Filter requireConstant(SessionTerms terms) throws InvalidExpression {
      Table noColumns =
          new Table(table.oid(), table.name(), table.isPartitioned(), List.of(), Optional.empty());
      return analysis.analysePrinted(noColumns, "(" + terms.withoutSession() + ") IS NULL");
    }
  }
}
