package dev.millrace.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes up policies on {@code docs}, of what a row, the session and {@code members} say. */
final class RandomPolicies {
  private static final List<String> ATOMS =
      List.of(
          "owner = auth.uid()",
          "owner = (select auth.uid())",
          "owner = current_setting('app.user_id', true)",
          "owner is null",
          "level < 2",
          "level <= (current_setting('request.jwt.claims')::json ->> 'level')::int",
          "team = (current_setting('request.jwt.claims')::jsonb ->> 'team')::int",
          "team = any (array[0, 2])",
          "body like auth.uid() || '%'",
          "current_user = 'security_editor'",
          "coalesce(owner, 'u2') <> auth.uid()",
          "case when level > 2 then owner = auth.uid() else team > 0 end",
          "team in (select team from members where member = auth.uid())",
          "team in (select m.team from members m where m.member = auth.uid() and m.rank > 1)",
          "exists (select from members m where m.team = docs.team and m.member = auth.uid())",
          "owner in (select member from members where rank = 3)",
          "(team, owner) in (select team, member from members)",
          "team in (select team from members where member in (select o.member from members o where o.rank = 2))",
          "true",
          "false");

  private final SplittableRandom random;

  RandomPolicies(SplittableRandom random) {
    this.random = random;
  }

  /** Statements that replace all policies of both tables. */
  List<String> next() {
    List<String> statements = new ArrayList<>();
    statements.add("alter table members %s row level security".formatted(or("enable", "disable")));
    statements.add(
        "create policy own on members for select using (%s)"
            .formatted(or("member = auth.uid()", "rank > 0")));
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      statements.add(
          "create policy p%d on docs as %s for %s to %s using (%s)"
              .formatted(
                  i,
                  i == 0 || random.nextInt(3) > 0 ? "permissive" : "restrictive",
                  or("select", "all"),
                  List.of("public", "authenticated", "security_editor", "public")
                      .get(random.nextInt(4)),
                  condition(random.nextInt(3))));
    }
    return statements;
  }

  private String or(String one, String other) {
    return random.nextBoolean() ? one : other;
  }

  private String condition(int depth) {
    if (depth == 0) {
      return ATOMS.get(random.nextInt(ATOMS.size()));
    }
    if (random.nextInt(5) == 0) {
      return "not (%s)".formatted(negatable(depth - 1));
    }
    return IntStream.rangeClosed(0, 1 + random.nextInt(2))
        .mapToObj(i -> "(" + condition(depth - 1) + ")")
        .collect(Collectors.joining(or(" and ", " or ")));
  }

  /** A negated EXISTS is refused. */
  private String negatable(int depth) {
    String condition = condition(depth);
    return condition.contains("exists") ? "owner = auth.uid()" : condition;
  }
}
