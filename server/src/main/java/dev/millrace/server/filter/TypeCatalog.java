package dev.millrace.server.filter;

import dev.millrace.server.filter.value.CaseFolding;
import dev.millrace.server.filter.value.CharacterClasses;
import dev.millrace.server.filter.value.Collation;
import dev.millrace.server.filter.value.EnumOrder;
import dev.millrace.server.filter.value.Type;
import dev.millrace.server.postgres.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What one database has of types and collations, as far as filters need it. Asked once and kept:
 * OIDs do not change their meaning, and what we do not know today is not remembered. Any thread;
 * blocks.
 */
final class TypeCatalog {

  private static final Map<String, Type> BUILTINS =
      Map.ofEntries(
          Map.entry("boolean", Type.BOOL),
          Map.entry("smallint", Type.INT2),
          Map.entry("integer", Type.INT4),
          Map.entry("bigint", Type.INT8),
          Map.entry("real", Type.FLOAT4),
          Map.entry("double precision", Type.FLOAT8),
          Map.entry("numeric", Type.NUMERIC),
          Map.entry("text", Type.TEXT),
          Map.entry("character varying", Type.VARCHAR),
          Map.entry("character", Type.BPCHAR),
          Map.entry("bpchar", Type.BPCHAR),
          Map.entry("name", Type.NAME),
          Map.entry("uuid", Type.UUID),
          Map.entry("bytea", Type.BYTEA),
          Map.entry("date", Type.DATE),
          Map.entry("time without time zone", Type.TIME),
          Map.entry("time with time zone", Type.TIMETZ),
          Map.entry("timestamp without time zone", Type.TIMESTAMP),
          Map.entry("timestamp with time zone", Type.TIMESTAMPTZ),
          Map.entry("interval", Type.INTERVAL),
          Map.entry("json", Type.JSON),
          Map.entry("jsonb", Type.JSONB));

  /** Follows domains to what they are based on. */
  private static final String TYPE =
      """
      with recursive base as (
        select t.* from pg_catalog.pg_type t where t.oid = ?::bigint::oid
        union all
        select t.* from pg_catalog.pg_type t join base b on b.typtype = 'd' and t.oid = b.typbasetype)
      select b.oid, b.typname, b.typtype = 'e', coalesce(e.oid, 0)
        from base b left join pg_catalog.pg_type e on e.typarray = b.oid
       where b.typtype <> 'd'
      """;

  private static final String COMPOSITE =
      """
      with recursive base as (
        select t.* from pg_catalog.pg_type t where t.oid = ?::bigint::oid
        union all
        select t.* from pg_catalog.pg_type t join base b on b.typtype = 'd' and t.oid = b.typbasetype)
      select typtype in ('c', 'p') from base where typtype <> 'd'
      """;

  private static final String NAMED_TYPE =
      """
      select oid from pg_catalog.pg_type
       where oid = pg_catalog.to_regtype(?)::oid and typtype <> 'd'
      """;

  private static final String NAMED_COLLATION =
      "select oid from pg_catalog.pg_collation where oid = pg_catalog.to_regcollation(?)::oid";

  private static final String LABELS =
      """
      select enumlabel from pg_catalog.pg_enum where enumtypid = ?::bigint::oid
       order by enumsortorder
      """;

  private static final String COLLATION =
      """
      select c.collprovider = 'd', c.collprovider, c.collisdeterministic, c.collcollate, c.collctype,
             to_jsonb(c) ->> 'colllocale'
        from pg_catalog.pg_collation c where c.oid = ?::bigint::oid
      """;

  /** Under the name of a column that older releases lack, NULL. */
  private static final String DATABASE =
      """
      select to_jsonb(d) ->> 'datlocprovider', d.datcollate, d.datctype,
             to_jsonb(d) ->> 'datlocale', current_setting('server_version_num')::int,
             current_setting('server_encoding')
        from pg_catalog.pg_database d where d.datname = current_database()
      """;

  private static final String COLLATION_NAME =
      """
      select quote_ident(n.nspname) || '.' || quote_ident(c.collname)
        from pg_catalog.pg_collation c join pg_catalog.pg_namespace n on n.oid = c.collnamespace
       where c.oid = ?::bigint::oid
      """;

  private final Database database;
  private final Map<Integer, Type> types = new ConcurrentHashMap<>();
  private final Map<String, Type> typesByName = new ConcurrentHashMap<>();
  private final Map<Integer, Collation> collations = new ConcurrentHashMap<>();
  private final Map<String, BitSet> classes = new ConcurrentHashMap<>();
  private final Map<String, Integer> collationsByName = new ConcurrentHashMap<>();
  private volatile @Nullable Server server;

  /** The database's own settings. */
  private record Server(
      int version, boolean isUtf8, String provider, String collate, String ctype, String locale) {}

  TypeCatalog(Database database) {
    this.database = database;
  }

  private Server server() {
    Server known = server;
    if (known == null) {
      known = database.with("reading the database's locale", TypeCatalog::readServer);
      server = known;
    }
    return known;
  }

  private static Server readServer(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(DATABASE);
        ResultSet row = query.executeQuery()) {
      row.next();
      return new Server(
          row.getInt(5),
          row.getString(6).equals("UTF8"),
          orElse(row.getString(1), "c"),
          orElse(row.getString(2), ""),
          orElse(row.getString(3), ""),
          orElse(row.getString(4), ""));
    }
  }

  private static String orElse(@Nullable String value, String otherwise) {
    return value == null ? otherwise : value;
  }

  int serverVersion() {
    return server().version;
  }

  /** Whether a character in the database is what it is in a Java string, byte for byte in UTF-8. */
  boolean isUtf8() {
    return server().isUtf8;
  }

  /** The type under that OID, of a domain its base; empty if we do not know its values. */
  Optional<Type> type(int oid) {
    Type known = Type.builtin(oid);
    if (known == null) {
      known = types.get(oid);
    }
    if (known == null) {
      known =
          database
              .with("reading a type", connection -> Optional.ofNullable(readType(connection, oid)))
              .orElse(null);
      if (known != null) {
        types.put(oid, known);
      }
    }
    return Optional.ofNullable(known);
  }

  private @Nullable Type readType(Connection connection, int oid) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(TYPE)) {
      query.setLong(1, Integer.toUnsignedLong(oid));
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? readType(connection, row) : null;
      }
    }
  }

  private @Nullable Type readType(Connection connection, ResultSet row) throws SQLException {
    int oid = (int) row.getLong(1);
    int element = (int) row.getLong(4);
    Type builtin = Type.builtin(oid);
    if (builtin != null) {
      return builtin;
    }
    if (row.getBoolean(3)) {
      List<String> labels = labels(connection, oid);
      return Type.ofEnum(oid, row.getString(2), new EnumOrder(labels, () -> labels(oid)));
    }
    if (element != 0) {
      Type type = Type.builtin(element);
      type = type == null ? readType(connection, element) : type;
      return type == null || type.isArray() ? null : Type.array(oid, type);
    }
    return null;
  }

  private List<String> labels(int oid) {
    return database.with("reading an enum's labels", connection -> labels(connection, oid));
  }

  private static List<String> labels(Connection connection, int oid) throws SQLException {
    List<String> labels = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(LABELS)) {
      query.setLong(1, Integer.toUnsignedLong(oid));
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          labels.add(rows.getString(1));
        }
      }
    }
    return labels;
  }

  /** The type of that name; empty if we do not know its values, and for domains. */
  Optional<Type> type(TypeName name) {
    Type builtin = BUILTINS.get(name.name());
    if (builtin != null) {
      return Optional.of(name.isArray() ? Type.arrayOf(builtin) : builtin);
    }
    Type known = typesByName.get(name.sql());
    if (known == null) {
      known =
          database
              .with("reading a type", connection -> oid(connection, NAMED_TYPE, name.sql()))
              .flatMap(this::type)
              .orElse(null);
      if (known != null) {
        typesByName.put(name.sql(), known);
      }
    }
    return Optional.ofNullable(known);
  }

  /** Whether values of the type are rows, for which IS NULL means something else. */
  boolean isComposite(int oid) {
    return type(oid).isEmpty()
        && database.with("reading a type", connection -> isComposite(connection, oid));
  }

  private static boolean isComposite(Connection connection, int oid) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(COMPOSITE)) {
      query.setLong(1, Integer.toUnsignedLong(oid));
      try (ResultSet row = query.executeQuery()) {
        return !row.next() || row.getBoolean(1);
      }
    }
  }

  private static Optional<Integer> oid(Connection connection, String query, String wanted)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, wanted);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of((int) row.getLong(1)) : Optional.empty();
      }
    }
  }

  /** The OID of a collation by its name in SQL; empty if there is none. */
  Optional<Integer> collationNamed(String name) {
    Integer known = collationsByName.get(name);
    if (known == null) {
      known =
          database
              .with("reading a collation", connection -> oid(connection, NAMED_COLLATION, name))
              .orElse(null);
      if (known != null) {
        collationsByName.put(name, known);
      }
    }
    return Optional.ofNullable(known);
  }

  /** What we know of a collation. */
  Collation collation(int oid) {
    Collation known = collations.get(oid);
    if (known == null) {
      known = database.with("reading a collation", connection -> readCollation(connection, oid));
      collations.put(oid, known);
    }
    return known;
  }

  private Collation readCollation(Connection connection, int oid) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(COLLATION)) {
      query.setLong(1, Integer.toUnsignedLong(oid));
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          return new Collation(false, false, null, CharacterClasses::ascii);
        }
        if (row.getBoolean(1)) {
          Server own = server();
          return collation(connection, oid, true, own.provider, own.collate, own.ctype, own.locale);
        }
        return collation(
            connection,
            oid,
            row.getBoolean(3),
            row.getString(2),
            orElse(row.getString(4), ""),
            orElse(row.getString(5), ""),
            orElse(row.getString(6), ""));
      }
    }
  }

  private Collation collation(
      Connection connection,
      int oid,
      boolean isDeterministic,
      String provider,
      String collate,
      String ctype,
      String locale)
      throws SQLException {
    boolean isByCodePoint =
        switch (provider) {
          case "b" -> true;
          case "c" -> isC(collate) || isUnicodeC(collate);
          default -> false;
        };
    CaseFolding folding =
        switch (provider) {
          case "b" -> locale.equals("C") ? CaseFolding.ASCII : readFolding(connection, oid);
          case "c" -> isC(ctype) ? CaseFolding.ASCII : readFolding(connection, oid);
          default -> null;
        };
    CharacterClasses members =
        folding == CaseFolding.ASCII
            ? CharacterClasses::ascii
            : name -> classes.computeIfAbsent(oid + name, key -> readClass(oid, name));
    return new Collation(isDeterministic, isByCodePoint, folding, members);
  }

  /** The characters that a regular expression's class has; the name is one of a fixed few. */
  private BitSet readClass(int oid, String name) {
    return database.with(
        "reading a class of characters",
        connection -> {
          String collate =
              oid == DerivedCollation.DEFAULT_OID ? "" : "collate " + name(connection, oid);
          String sql =
              """
              select i from generate_series(1, 1114111) i
               where case when i not between 55296 and 57343 then chr(i) end %s ~ '[[:%s:]]'
              """
                  .formatted(collate, name);
          BitSet members = new BitSet();
          try (PreparedStatement query = connection.prepareStatement(sql);
              ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
              members.set(rows.getInt(1));
            }
          }
          return members;
        });
  }

  private static boolean isC(String locale) {
    return locale.equals("C") || locale.equals("POSIX");
  }

  private static boolean isUnicodeC(String locale) {
    String plain = locale.toLowerCase(Locale.ROOT).replace("-", "");
    return plain.equals("c.utf8");
  }

  /** Characters that change their case, and into what; not only one character for some. */
  private static String cases(String collate) {
    return """
    select i, lower(c %1$s), upper(c %1$s)
      from generate_series(1, 1114111) i,
           lateral (select case when i not between 55296 and 57343 then chr(i) else '' end as c) it
     where lower(c %1$s) <> c or upper(c %1$s) <> c
    """
        .formatted(collate);
  }

  /** Null if case is not changed character by character, or not as usual in ASCII. */
  private static @Nullable CaseFolding readFolding(Connection connection, int oid)
      throws SQLException {
    Map<Integer, Integer> lower = new HashMap<>();
    Map<Integer, Integer> upper = new HashMap<>();
    String collate = oid == DerivedCollation.DEFAULT_OID ? "" : "collate " + name(connection, oid);
    try (PreparedStatement query = connection.prepareStatement(cases(collate));
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        int character = rows.getInt(1);
        boolean isKept =
            put(lower, character, rows.getString(2)) && put(upper, character, rows.getString(3));
        if (!isKept) {
          return null;
        }
      }
    }
    CaseFolding folding = new CaseFolding(lower, upper);
    return folding.isUsualInAscii(lower, upper) ? folding : null;
  }

  private static String name(Connection connection, int oid) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(COLLATION_NAME)) {
      query.setLong(1, Integer.toUnsignedLong(oid));
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static boolean put(Map<Integer, Integer> map, int character, String other) {
    if (other.codePointCount(0, other.length()) != 1) {
      return false;
    }
    if (other.codePointAt(0) != character) {
      map.put(character, other.codePointAt(0));
    }
    return true;
  }
}
