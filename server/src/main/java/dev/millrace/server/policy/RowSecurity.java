package dev.millrace.server.policy;

import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.FilterAnalysis;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.filter.RecentlyUsed;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.DatabaseUser;
import dev.millrace.server.postgres.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What users may see. Knows what the catalogue says of each table and role that anybody has asked
 * for, and has to be told to look again ({@link #refresh}). Any thread; blocks.
 */
public final class RowSecurity {

  private static final Logger log = LoggerFactory.getLogger(RowSecurity.class);

  private static final long MOST_KEPT_BYTES = 16 << 20;

  /** Nobody has looked for so long: each request looks for itself. */
  private static final Duration STALE = Duration.ofSeconds(10);

  /** A policy that could not be followed is looked at again after this, or when it has changed. */
  private static final Duration REFUSED = Duration.ofSeconds(10);

  static final String TIMEOUT = "set local statement_timeout = '5s'";

  private final Database database;
  private final Catalog catalog;
  private final FilterAnalysis analysis;
  private final InstantSource clock;
  private final Map<Scope, TableAccess> known = new ConcurrentHashMap<>();
  private volatile Instant refreshedAt = Instant.EPOCH;

  private final RecentlyUsed<TemplateKey, PolicyTemplate> templates =
      new RecentlyUsed<>(MOST_KEPT_BYTES, (key, template) -> 4_000);

  /** So that clients that keep asking for what is refused do not keep Postgres busy. */
  private final RecentlyUsed<TemplateKey, Refusal> refusals =
      new RecentlyUsed<>(MOST_KEPT_BYTES, (key, refusal) -> 2_000);

  private record Refusal(AccessRefused cause, Instant until) {}

  private final RecentlyUsed<ViewKey, View> views =
      new RecentlyUsed<>(MOST_KEPT_BYTES, RowSecurity::bytes);

  private record TemplateKey(int oid, List<Column.Identity> columns, String version) {

    static TemplateKey of(Table table, TableAccess access) {
      List<Column.Identity> columns = table.columns().stream().map(Column::identity).toList();
      return new TemplateKey(table.oid(), columns, access.version());
    }
  }

  private record ViewKey(TemplateKey policies, DatabaseUser user) {}

  public RowSecurity(
      Database database, Catalog catalog, FilterAnalysis analysis, InstantSource clock) {
    this.database = database;
    this.catalog = catalog;
    this.analysis = analysis;
    this.clock = clock;
  }

  private static long bytes(ViewKey key, View view) {
    int filter = view.policies().map(found -> found.canonical().length()).orElse(0);
    return 500L + key.user().claims().length() + filter;
  }

  /**
   * What a user may see of a table.
   *
   * @throws AccessRefused if that is nothing, or a policy is more than we can follow
   * @throws DatabaseException if Postgres cannot be asked
   */
  public View view(Table table, DatabaseUser user) throws AccessRefused {
    TableAccess access = access(new Scope(table.oid(), user.role()));
    if (access.columns().isEmpty()) {
      throw AccessRefused.hidden();
    }
    ViewKey key = new ViewKey(TemplateKey.of(table, access), user);
    Optional<View> seen = views.get(key);
    if (seen.isPresent() && seen.get().table().equals(table)) {
      return seen.get();
    }
    Optional<Audience> audience =
        Optional.of(new Audience(user.role(), access.version(), access.columns()));
    View view =
        access.isFiltered() ? filtered(table, access, audience, user) : View.of(table, audience);
    // What other tables say may be something else the next time.
    if (view.dependencies().isEmpty()) {
      views.put(key, view);
    }
    return view;
  }

  private TableAccess access(Scope scope) {
    boolean isStale = clock.instant().isAfter(refreshedAt.plus(STALE));
    TableAccess found = isStale ? null : known.get(scope);
    if (found != null) {
      return found;
    }
    TableAccess read = read(Set.of(scope)).getOrDefault(scope, TableAccess.NONE);
    if (isStale) {
      known.put(scope, read);
      return read;
    }
    // Whoever looks regularly may have been quicker, and knows better.
    TableAccess quicker = known.putIfAbsent(scope, read);
    return quicker == null ? read : quicker;
  }

  private Map<Scope, TableAccess> read(Collection<Scope> scopes) {
    return database.rehearse(
        "reading who may see what", connection -> new PolicyCatalog(connection).read(scopes));
  }

  /**
   * Looks again at all that was ever asked for, and at what {@code others} say.
   *
   * @return for each the version of what may be seen
   * @throws DatabaseException if Postgres cannot be asked
   */
  public Map<Scope, String> refresh(Collection<Scope> others) {
    Instant begun = clock.instant();
    Set<Scope> scopes = new HashSet<>(others);
    scopes.addAll(known.keySet());
    Map<Scope, TableAccess> found = scopes.isEmpty() ? Map.of() : readWhatIsFree(scopes);
    found.forEach((scope, access) -> {
      if (access.equals(TableAccess.NONE) && !others.contains(scope)) {
        known.remove(scope);
      } else {
        known.put(scope, access);
      }
    });
    refreshedAt = begun;
    Map<Scope, String> versions = new ConcurrentHashMap<>();
    found.forEach((scope, access) -> versions.put(scope, access.version()));
    return versions;
  }

  /**
   * Leaves out tables that somebody has locked: nobody can alter their policies meanwhile either.
   */
  private Map<Scope, TableAccess> readWhatIsFree(Set<Scope> scopes) {
    try {
      return read(scopes);
    } catch (DatabaseException e) {
      if (e.kind() != DatabaseException.Kind.TIMEOUT) {
        throw e;
      }
    }
    Map<Scope, TableAccess> found = new HashMap<>();
    for (Scope scope : scopes) {
      try {
        found.putAll(read(Set.of(scope)));
      } catch (DatabaseException e) {
        if (e.kind() != DatabaseException.Kind.TIMEOUT) {
          throw e;
        }
        log.atInfo()
            .addKeyValue("table", Integer.toUnsignedString(scope.oid()))
            .log("the policies of a locked table are looked at later");
      }
    }
    return found;
  }

  // --- what users ask themselves ---

  /** Functions, and those behind operators, that no extension has brought. */
  private static final String HOME_MADE =
      """
      select exists (
        select from unnest(?::text[], ?::text[]) as c (schema, name)
          join pg_catalog.pg_namespace n on n.nspname = c.schema
          left join pg_catalog.pg_operator o on o.oprnamespace = n.oid and o.oprname = c.name
          join pg_catalog.pg_proc p
            on p.oid = o.oprcode or (p.pronamespace = n.oid and p.proname = c.name)
         where not exists (
           select from pg_catalog.pg_depend d
            where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'))
      """;

  /**
   * That a condition of a user's own calls nothing home-made: we evaluate it as ourselves, not as
   * the user, and have only a label for it that it depends on its arguments alone.
   *
   * @throws InvalidExpression for the client
   */
  public void requireHarmless(Filter asked) throws InvalidExpression {
    Set<SessionTerms.Other> others = SessionTerms.others(asked.canonical());
    if (others.isEmpty()) {
      return;
    }
    boolean isHomeMade =
        database.rehearse(
            "looking at what a where clause calls",
            connection -> isAnyHomeMade(connection, others));
    if (isHomeMade) {
      throw new InvalidExpression(
          "a user's WHERE may call functions and operators of Postgres and of extensions only");
    }
  }

  private static boolean isAnyHomeMade(Connection connection, Set<SessionTerms.Other> others)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(HOME_MADE)) {
      Object[] schemas = others.stream().map(SessionTerms.Other::schema).toArray();
      Object[] names = others.stream().map(SessionTerms.Other::name).toArray();
      query.setArray(1, connection.createArrayOf("text", schemas));
      query.setArray(2, connection.createArrayOf("text", names));
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  // --- policies as a filter ---

  private View filtered(
      Table table, TableAccess access, Optional<Audience> audience, DatabaseUser user)
      throws AccessRefused {
    PolicyTemplate template = template(table, access);
    List<Answer> answers = answers(template, user);
    Filter policies;
    try {
      policies = analysis.analysePrinted(table, template.filled(answers));
    } catch (InvalidExpression e) {
      throw refusal(table, access, template, user, e);
    }
    if (!template.readsTables()) {
      return new View(
          table, audience, Optional.of(policies), Optional.empty(), List.of(), View.Check.NONE);
    }
    return new View(
        table,
        audience,
        Optional.of(policies),
        Optional.of(template.basis(answers)),
        template.dependencies(analysis, answers),
        connection -> ask(connection, template.questions()).equals(answers));
  }

  private PolicyTemplate template(Table table, TableAccess access) throws AccessRefused {
    TemplateKey key = TemplateKey.of(table, access);
    Optional<PolicyTemplate> kept = templates.get(key);
    if (kept.isPresent()) {
      return kept.get();
    }
    Optional<Refusal> refusal =
        refusals.get(key).filter(one -> clock.instant().isBefore(one.until()));
    if (refusal.isPresent()) {
      throw refusal.get().cause();
    }
    try {
      PolicyTemplate template = PolicyTemplate.of(analysis, catalog::table, table, access);
      templates.put(key, template);
      return template;
    } catch (AccessRefused e) {
      refusals.put(key, new Refusal(e, clock.instant().plus(REFUSED)));
      throw e;
    }
  }

  /** Names the policy that is at fault. */
  private AccessRefused refusal(
      Table table,
      TableAccess access,
      PolicyTemplate template,
      DatabaseUser user,
      InvalidExpression cause)
      throws AccessRefused {
    for (Policy policy : access.policies()) {
      PolicyTemplate one = PolicyTemplate.of(analysis, catalog::table, table, access.only(policy));
      try {
        analysis.analysePrinted(table, one.filled(answers(one, user)));
      } catch (InvalidExpression e) {
        return AccessRefused.of(policy.name(), e.reason());
      }
    }
    return AccessRefused.of(template.askers(), cause.reason());
  }

  /** What the session of the user answers. */
  private List<Answer> answers(PolicyTemplate template, DatabaseUser user) throws AccessRefused {
    List<String> questions = template.questions();
    if (questions.isEmpty()) {
      return List.of();
    }
    Answers answers =
        database.rehearse(
            "asking what policies want to know of a user",
            connection -> tryToAsk(connection, questions, user));
    if (answers.refusal().isPresent()) {
      throw AccessRefused.of(template.askers(), answers.refusal().get());
    }
    return answers.given();
  }

  private record Answers(List<Answer> given, Optional<String> refusal) {}

  private static Answers tryToAsk(Connection connection, List<String> questions, DatabaseUser user)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(TIMEOUT);
      user.become(connection);
      return new Answers(ask(connection, questions), Optional.empty());
    } catch (SQLException e) {
      String state = e.getSQLState() == null ? "" : e.getSQLState();
      if (state.startsWith("22") || state.startsWith("42") || state.startsWith("P0")) {
        return new Answers(List.of(), Optional.of(firstLine(e)));
      }
      throw e;
    }
  }

  /** On a connection of whoever asks; all in one snapshot. */
  static List<Answer> ask(Connection connection, List<String> questions) throws SQLException {
    List<String> values = new ArrayList<>();
    List<String> results = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      values.add("(%s) as v%d".formatted(questions.get(i), i));
      results.add("v%d::text, %s".formatted(i, type("v" + i)));
    }
    String sql =
        "select %s from (select %s offset 0) as answers"
            .formatted(String.join(", ", results), String.join(", ", values));
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      try (ResultSet row = statement.executeQuery(sql)) {
        row.next();
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
          answers.add(new Answer(row.getString(2 * i + 1), row.getString(2 * i + 2)));
        }
        return answers;
      }
    }
  }

  /** The name of a value's type, with its schema. */
  private static String type(String value) {
    return """
    (select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname)
       from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
      where t.oid = pg_catalog.pg_typeof(%s))\
    """
        .formatted(value);
  }

  private static String firstLine(SQLException error) {
    return String.valueOf(error.getMessage()).lines().findFirst().orElse("");
  }
}
