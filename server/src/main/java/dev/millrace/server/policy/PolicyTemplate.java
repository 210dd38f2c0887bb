package dev.millrace.server.policy;

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
import java.util.stream.Collectors;

/**
 * The policies of a table for a role, put together as Postgres does: a row must meet one of the
 * permissive ones and all of the restrictive ones. What they ask of the session is left open.
 * Immutable.
 */
final class PolicyTemplate {

  /** No policy lets anybody in. */
  private static final String NOTHING = "false";

  /** One policy, taken apart. */
  private record Piece(Policy policy, SessionTerms terms, List<Part> parts) {

    String filled(List<String> values) {
      return "(" + terms.replaced(parts, values) + ")";
    }
  }

  private final List<Piece> pieces;

  private PolicyTemplate(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  /**
   * Takes policies apart.
   *
   * @throws AccessRefused if one of them depends on more than the row and the session's settings
   */
  static PolicyTemplate of(FilterAnalysis analysis, Table table, TableAccess access)
      throws AccessRefused {
    return new Reader(analysis, table, access).read();
  }

  /** What the policies ask of the session, as SQL, in the order in which values are filled in. */
  List<String> questions() {
    List<String> questions = new ArrayList<>();
    for (Piece piece : pieces) {
      piece.parts().forEach(part -> questions.add(part.of(piece.policy().condition())));
    }
    return questions;
  }

  /** Names of the policies that ask anything. */
  String askers() {
    return pieces.stream()
        .filter(piece -> !piece.parts().isEmpty())
        .map(piece -> piece.policy().name())
        .collect(Collectors.joining("\", \""));
  }

  /** The condition with the answers as SQL. */
  String filled(List<String> answers) {
    List<String> permissive = new ArrayList<>();
    List<String> all = new ArrayList<>();
    int used = 0;
    for (Piece piece : pieces) {
      int to = used + piece.parts().size();
      String condition = piece.filled(answers.subList(used, to));
      (piece.policy().isPermissive() ? permissive : all).add(condition);
      used = to;
    }
    if (permissive.isEmpty()) {
      return NOTHING;
    }
    all.addFirst("(" + String.join(" OR ", permissive) + ")");
    return String.join(" AND ", all);
  }

  /** Takes policies apart, one by one. */
  private static final class Reader {

    private final FilterAnalysis analysis;
    private final Table noColumns;
    private final Set<String> columns;
    private final TableAccess access;
    private final Map<Long, PolicyFunction> functions = new HashMap<>();

    Reader(FilterAnalysis analysis, Table table, TableAccess access) {
      this.analysis = analysis;
      this.noColumns =
          new Table(table.oid(), table.name(), table.isPartitioned(), List.of(), Optional.empty());
      this.columns =
          table.columns().stream().map(Column::name).collect(Collectors.toUnmodifiableSet());
      this.access = access;
      access.functions().forEach(function -> functions.put(function.oid(), function));
    }

    PolicyTemplate read() throws AccessRefused {
      List<Piece> pieces = new ArrayList<>();
      for (Policy policy : access.policies()) {
        try {
          pieces.add(read(policy));
        } catch (InvalidExpression e) {
          throw AccessRefused.of(policy.name(), e.reason());
        }
      }
      return new PolicyTemplate(pieces);
    }

    private Piece read(Policy policy) throws InvalidExpression {
      Map<String, String> wrappers = wrappers(policy);
      SessionTerms terms = SessionTerms.in(policy.condition(), columns, wrappers);
      if (terms.hasSubquery()) {
        throw new InvalidExpression("it has a subquery");
      }
      List<Part> parts = terms.parts();
      for (Part part : parts) {
        String sql = part.of(policy.condition());
        requireConstant(SessionTerms.in(sql, Set.of(), wrappers));
      }
      return new Piece(policy, terms, parts);
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
        requireConstant(SessionTerms.in(expression, Set.of(), Map.of()));
      } catch (InvalidExpression e) {
        throw new InvalidExpression("it calls %s: %s".formatted(function.signature(), e.reason()));
      }
    }

    /** That nothing but the session's settings makes a difference, the time least of all. */
    private void requireConstant(SessionTerms terms) throws InvalidExpression {
      analysis.analysePrinted(noColumns, "(" + terms.withoutSession() + ") IS NULL");
    }
  }
}
