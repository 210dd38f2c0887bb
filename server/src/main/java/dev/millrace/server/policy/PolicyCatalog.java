package dev.millrace.server.policy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads from the catalogue who may see what. On one connection, in a transaction.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-policy.html">pg_policy</a>
 */
final class PolicyCatalog {

  /** Conditions cannot be printed while somebody holds their table. */
  private static final String SETTINGS =
      """
      set local search_path = pg_catalog;
      set local lock_timeout = '500ms';
      set local statement_timeout = '5s'
      """;

  /** Owners are held only by force; members of a role have its policies and columns. */
  private static final String TABLES =
      """
      select w.place,
             c.relrowsecurity and (c.relforcerowsecurity
                                   or not pg_has_role(r.oid, c.relowner, 'USAGE')),
             array(select a.attname::text from pg_attribute a
                    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                      and has_schema_privilege(r.oid, c.relnamespace, 'USAGE')
                      and has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')
                    order by a.attnum),
             c.relkind <> 'p' and exists (select from pg_inherits i where i.inhparent = c.oid)
        from unnest(?::bigint[], ?::text[]) with ordinality as w (oid, role, place)
        join pg_class c on c.oid = w.oid::oid
        join pg_roles r on r.rolname = w.role and not r.rolsuper and not r.rolbypassrls
      """;

  private static final String POLICIES =
      """
      select w.place, p.polname, p.polpermissive, pg_get_expr(p.polqual, p.polrelid),
             p.polqual::text
        from unnest(?::bigint[], ?::text[]) with ordinality as w (oid, role, place)
        join pg_roles r on r.rolname = w.role
        join pg_policy p on p.polrelid = w.oid::oid
       where p.polcmd in ('*', 'r') and p.polqual is not null
         and exists (select from unnest(p.polroles) as g (oid)
                      where g.oid = 0 or pg_has_role(r.oid, g.oid, 'USAGE'))
       order by w.place, p.polname
      """;

  /** Tables that policies read, their own left out. */
  private static final String REFERENCES =
      """
      select distinct w.place, d.refobjid::bigint
        from unnest(?::bigint[], ?::text[]) with ordinality as w (oid, role, place)
        join pg_policy p on p.polrelid = w.oid::oid
        join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
                        and d.refclassid = 'pg_class'::regclass and d.refobjid <> p.polrelid
       order by 1, 2
      """;

  private static final String FUNCTIONS =
      """
      select p.oid::bigint, n.nspname, p.proname, p.oid::regprocedure::text,
             format_type(p.prorettype, null),
             exists (select from pg_depend d
                      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'),
             case when l.lanname = 'sql' and p.prokind = 'f' and not p.proretset
                    then coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) end,
             p.provolatile::text || p.prosecdef::text || coalesce(p.proconfig::text, '')
               || coalesce(p.proacl::text, '') || ' ' || p.proowner || ' ' || p.prorettype || ' '
               || coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)
        from pg_proc p
        join pg_namespace n on n.oid = p.pronamespace
        join pg_language l on l.oid = p.prolang
       where p.oid = any (?::bigint[]::oid[]) and n.nspname <> 'pg_catalog'
       order by p.oid
      """;

  /** Where the tree of a condition names what it calls. */
  private static final Pattern CALLED = Pattern.compile(":(?:funcid|opfuncid) ([0-9]+)");

  private final Connection connection;

  PolicyCatalog(Connection connection) {
    this.connection = connection;
  }

  /** What each role may see of its table. */
  Map<Scope, TableAccess> read(Collection<Scope> scopes) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(SETTINGS);
    }
    List<Scope> places = List.copyOf(scopes);
    Map<Scope, Set<Scope>> references = references(places);
    Set<Scope> all = new LinkedHashSet<>(places);
    references.values().forEach(all::addAll);
    Map<Scope, TableAccess> alone = alone(List.copyOf(all));
    Map<Scope, TableAccess> found = new HashMap<>();
    for (Scope scope : places) {
      TableAccess access = alone.getOrDefault(scope, TableAccess.NONE);
      found.put(scope, with(alone, access, references.getOrDefault(scope, Set.of())));
    }
    return found;
  }

  private static TableAccess with(
      Map<Scope, TableAccess> all, TableAccess access, Set<Scope> references) {
    if (references.isEmpty()) {
      return access;
    }
    Map<Integer, TableAccess> named = new TreeMap<>();
    references.forEach(scope -> named.put(scope.oid(), all.getOrDefault(scope, TableAccess.NONE)));
    String versions =
        named.entrySet().stream()
            .map(one -> one.getKey() + " " + one.getValue().version())
            .collect(Collectors.joining("\n", access.version() + "\n", ""));
    return new TableAccess(
        access.columns(),
        access.isFiltered(),
        access.policies(),
        access.functions(),
        named,
        access.hasHeirs(),
        digest(versions));
  }

  /** Leaving aside what policies read. */
  private Map<Scope, TableAccess> alone(List<Scope> places) throws SQLException {
    Map<Scope, Row> rows = tables(places);
    policies(places, rows);
    Set<Long> called = new TreeSet<>();
    rows.values().forEach(row -> row.policies.forEach(policy -> called.addAll(policy.functions())));
    Map<Long, Called> functions = called.isEmpty() ? Map.of() : functions(called);
    Map<Scope, TableAccess> found = new HashMap<>();
    for (Scope scope : places) {
      Row row = rows.get(scope);
      found.put(scope, row == null ? TableAccess.NONE : row.access(functions));
    }
    return found;
  }

  private Map<Scope, Set<Scope>> references(List<Scope> places) throws SQLException {
    Map<Scope, Set<Scope>> found = new HashMap<>();
    try (PreparedStatement query = connection.prepareStatement(REFERENCES)) {
      bind(query, places);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          Scope scope = places.get(row.getInt(1) - 1);
          found
              .computeIfAbsent(scope, of -> new LinkedHashSet<>())
              .add(new Scope((int) row.getLong(2), scope.role()));
        }
      }
    }
    return found;
  }

  /** What is known of a scope. */
  private record Row(
      boolean isFiltered, Set<String> columns, boolean hasHeirs, List<Policy> policies) {

    TableAccess access(Map<Long, Called> functions) {
      List<Called> own =
          policies.stream()
              .flatMap(policy -> policy.functions().stream())
              .distinct()
              .sorted()
              .filter(functions::containsKey)
              .map(functions::get)
              .toList();
      return new TableAccess(
          columns,
          isFiltered,
          policies,
          own.stream().map(Called::function).toList(),
          Map.of(),
          hasHeirs,
          version(own.stream().map(Called::definition).collect(Collectors.joining("\n"))));
    }

    private String version(String definitions) {
      StringBuilder all = new StringBuilder();
      all.append(isFiltered)
          .append(hasHeirs)
          .append('\n')
          .append(new TreeSet<>(columns))
          .append('\n');
      for (Policy policy : policies) {
        all.append(policy.name()).append('\n').append(policy.isPermissive()).append('\n');
        all.append(policy.condition()).append('\n');
      }
      return digest(all.append(definitions).toString());
    }
  }

  /** A function, and all that its answer depends on. */
  private record Called(PolicyFunction function, String definition) {}

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void bind(PreparedStatement query, List<Scope> places) throws SQLException {
    Object[] oids = places.stream().map(scope -> Integer.toUnsignedLong(scope.oid())).toArray();
    query.setArray(1, connection.createArrayOf("int8", oids));
    query.setArray(2, connection.createArrayOf("text", places.stream().map(Scope::role).toArray()));
  }

  private Map<Scope, Row> tables(List<Scope> places) throws SQLException {
    Map<Scope, Row> rows = new HashMap<>();
    try (PreparedStatement query = connection.prepareStatement(TABLES)) {
      bind(query, places);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          Scope scope = places.get(row.getInt(1) - 1);
          rows.put(
              scope,
              new Row(
                  row.getBoolean(2), names(row.getArray(3)), row.getBoolean(4), new ArrayList<>()));
        }
      }
    }
    return rows;
  }

  private static Set<String> names(Array array) throws SQLException {
    return Set.of((String[]) array.getArray());
  }

  private void policies(List<Scope> places, Map<Scope, Row> rows) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(POLICIES)) {
      bind(query, places);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          Row of = rows.get(places.get(row.getInt(1) - 1));
          if (of != null) {
            Set<Long> functions = called(row.getString(5));
            of.policies()
                .add(new Policy(row.getString(2), row.getBoolean(3), row.getString(4), functions));
          }
        }
      }
    }
  }

  private static Set<Long> called(String tree) {
    Set<Long> oids = new TreeSet<>();
    Matcher matcher = CALLED.matcher(tree);
    while (matcher.find()) {
      oids.add(Long.parseLong(matcher.group(1)));
    }
    return oids;
  }

  private Map<Long, Called> functions(Set<Long> oids) throws SQLException {
    Map<Long, Called> found = new TreeMap<>();
    try (PreparedStatement query = connection.prepareStatement(FUNCTIONS)) {
      query.setArray(1, connection.createArrayOf("int8", oids.toArray()));
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          PolicyFunction function =
              new PolicyFunction(
                  row.getLong(1),
                  row.getString(2),
                  row.getString(3),
                  row.getString(4),
                  row.getString(5),
                  row.getBoolean(6),
                  Optional.ofNullable(row.getString(7)));
          found.put(function.oid(), new Called(function, function.signature() + row.getString(8)));
        }
      }
    }
    return found;
  }
}
