package dev.millrace.server.filter;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a filter may use of that which Postgres calls stable: its answer depends on more than its
 * arguments, but on nothing that changes between two changes of a row. Each group says why.
 *
 * <p>Judged is not the text but Postgres' own tree of the expression, which names each function,
 * operator and type by its OID.
 */
final class StableRules {

  /** Depend on the session's TimeZone, which is UTC on every connection of ours. */
  private static final String BY_TIME_ZONE =
      """
      date(timestamp with time zone)
      "time"(timestamp with time zone)
      "timestamp"(timestamp with time zone)
      timestamptz(date)
      timestamptz(date,time without time zone)
      timestamptz(timestamp without time zone)
      timetz(timestamp with time zone)
      timetz(time without time zone)
      timezone(timestamp with time zone)
      timezone(timestamp without time zone)
      date_part(text,timestamp with time zone)
      "extract"(text,timestamp with time zone)
      date_trunc(text,timestamp with time zone)
      date_trunc(text,timestamp with time zone,text)
      timestamptz_pl_interval(timestamp with time zone,interval)
      timestamptz_mi_interval(timestamp with time zone,interval)
      interval_pl_timestamptz(interval,timestamp with time zone)
      date_add(timestamp with time zone,interval)
      date_subtract(timestamp with time zone,interval)
      make_timestamptz(integer,integer,integer,integer,integer,double precision)
      make_timestamptz(integer,integer,integer,integer,integer,double precision,text)
      "overlaps"(timestamp with time zone,interval,timestamp with time zone,interval)
      "overlaps"(timestamp with time zone,interval,timestamp with time zone,timestamp with time zone)
      "overlaps"(timestamp with time zone,timestamp with time zone,timestamp with time zone,interval)
      date_lt_timestamptz(date,timestamp with time zone)
      date_le_timestamptz(date,timestamp with time zone)
      date_eq_timestamptz(date,timestamp with time zone)
      date_ge_timestamptz(date,timestamp with time zone)
      date_gt_timestamptz(date,timestamp with time zone)
      date_ne_timestamptz(date,timestamp with time zone)
      timestamptz_lt_date(timestamp with time zone,date)
      timestamptz_le_date(timestamp with time zone,date)
      timestamptz_eq_date(timestamp with time zone,date)
      timestamptz_ge_date(timestamp with time zone,date)
      timestamptz_gt_date(timestamp with time zone,date)
      timestamptz_ne_date(timestamp with time zone,date)
      timestamp_lt_timestamptz(timestamp without time zone,timestamp with time zone)
      timestamp_le_timestamptz(timestamp without time zone,timestamp with time zone)
      timestamp_eq_timestamptz(timestamp without time zone,timestamp with time zone)
      timestamp_ge_timestamptz(timestamp without time zone,timestamp with time zone)
      timestamp_gt_timestamptz(timestamp without time zone,timestamp with time zone)
      timestamp_ne_timestamptz(timestamp without time zone,timestamp with time zone)
      timestamptz_lt_timestamp(timestamp with time zone,timestamp without time zone)
      timestamptz_le_timestamp(timestamp with time zone,timestamp without time zone)
      timestamptz_eq_timestamp(timestamp with time zone,timestamp without time zone)
      timestamptz_ge_timestamp(timestamp with time zone,timestamp without time zone)
      timestamptz_gt_timestamp(timestamp with time zone,timestamp without time zone)
      timestamptz_ne_timestamp(timestamp with time zone,timestamp without time zone)
      jsonb_path_exists_tz(jsonb,jsonpath,jsonb,boolean)
      jsonb_path_match_tz(jsonb,jsonpath,jsonb,boolean)
      jsonb_path_query_array_tz(jsonb,jsonpath,jsonb,boolean)
      jsonb_path_query_first_tz(jsonb,jsonpath,jsonb,boolean)
      """;

  /**
   * Write values of any type; what that depends on is judged by the types there are (see {@link
   * #TEXT_FORMS}).
   */
  private static final String BY_TYPE =
      """
      array_to_json(anyarray)
      array_to_json(anyarray,boolean)
      array_to_string(anyarray,text)
      array_to_string(anyarray,text,text)
      concat("any")
      concat_ws(text,"any")
      format(text)
      format(text,"any")
      json_build_array()
      json_build_array("any")
      json_build_object()
      json_build_object("any")
      jsonb_build_array()
      jsonb_build_array("any")
      jsonb_build_object()
      jsonb_build_object("any")
      quote_literal(anyelement)
      quote_nullable(anyelement)
      textanycat(text,anynonarray)
      anytextcat(anynonarray,text)
      to_json(anyelement)
      to_jsonb(anyelement)
      """;

  /** Some patterns name days or separators as the database's locale does, which stays. */
  private static final String BY_LOCALE =
      """
      to_char(bigint,text)
      to_char(double precision,text)
      to_char(integer,text)
      to_char(interval,text)
      to_char(numeric,text)
      to_char(real,text)
      to_char(timestamp with time zone,text)
      to_char(timestamp without time zone,text)
      to_date(text,text)
      to_number(text,text)
      to_timestamp(text,text)
      """;

  /**
   * How types are read from and written as text. Dates and times depend on TimeZone, DateStyle and
   * IntervalStyle, which are fixed on every connection of ours; those that can name the present
   * ({@code now}) are a case of their own, see {@link #check}. Labels of enums stay, or are
   * renamed, which no shape notices. Composite types would need each of their columns looked at;
   * the money type depends on a locale that sessions set.
   */
  private static final String TEXT_FORMS =
      """
      array_in(cstring,oid,integer)
      array_out(anyarray)
      date_in(cstring)
      date_out(date)
      domain_in(cstring,oid,integer)
      enum_in(cstring,oid)
      enum_out(anyenum)
      interval_in(cstring,oid,integer)
      interval_out(interval)
      multirange_in(cstring,oid,integer)
      multirange_out(anymultirange)
      range_in(cstring,oid,integer)
      range_out(anyrange)
      time_in(cstring,oid,integer)
      timestamp_in(cstring,oid,integer)
      timestamp_out(timestamp without time zone)
      timestamptz_in(cstring,oid,integer)
      timestamptz_out(timestamp with time zone)
      """;

  /** Kinds of node that call nothing but what {@link #REFERENCE} finds in them. */
  private static final Set<String> NODES =
      Set.of(
          "ARRAYCOERCEEXPR",
          "ARRAYEXPR",
          "BOOLEANTEST",
          "BOOLEXPR",
          "CASEEXPR",
          "CASETESTEXPR",
          "CASEWHEN",
          "COALESCEEXPR",
          "COERCETODOMAIN",
          "COERCEVIAIO",
          "COLLATEEXPR",
          "CONST",
          "DISTINCTEXPR",
          "FUNCEXPR",
          "MINMAXEXPR",
          "NAMEDARGEXPR",
          "NULLIFEXPR",
          "NULLTEST",
          "OPEXPR",
          "RELABELTYPE",
          "ROWCOMPAREEXPR",
          "SCALARARRAYOPEXPR",
          "SUBSCRIPTINGREF",
          "VAR");

  /** Reads or writes the text form of a type. */
  private static final String BY_TEXT_NODE = "COERCEVIAIO";

  /** {@code CURRENT_DATE} and the like. */
  private static final String WORD_NODE = "SQLVALUEFUNCTION";

  private static final Set<String> WORDS =
      Set.of("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp");

  private static final Pattern NODE = Pattern.compile("\\{([A-Z_]+)");

  private static final String[] TYPE_REFERENCES = {
    "vartype",
    "consttype",
    "funcresulttype",
    "opresulttype",
    "resulttype",
    "casetype",
    "coalescetype",
    "minmaxtype",
    "array_typeid",
    "element_typeid",
    "refcontainertype",
    "refelemtype",
    "refrestype",
    "typeId"
  };

  private static final Pattern REFERENCE =
      Pattern.compile(
          ":(funcid|opno|opnos|%s) (?:\\(o )?([0-9 ]+)"
              .formatted(String.join("|", TYPE_REFERENCES)));

  /** Functions and operators whose answer may change by itself, or that act as somebody else. */
  private static final String FUNCTIONS =
      """
      select p.proname, p.oid::regprocedure::text,
             p.provolatile = 's' and not p.prosecdef and p.pronamespace = 'pg_catalog'::regnamespace
        from pg_proc p
       where (p.provolatile <> 'i' or p.prosecdef)
         and (p.oid = any (?::bigint[]::oid[])
              or p.oid in (select oprcode::oid from pg_operator where oid = any (?::bigint[]::oid[])))
       order by 2
      """;

  /** The functions of text forms of types, and of the types that those are made of. */
  private static final String TYPES =
      """
      with recursive made_of (root, oid) as (
        select t.oid, t.oid from pg_type t where t.oid = any (?::bigint[]::oid[])
        union
        select m.root, part.oid
          from made_of m
          join pg_type t on t.oid = m.oid
          left join pg_range r on r.rngtypid = t.oid or r.rngmultitypid = t.oid
          cross join lateral (values (t.typelem), (t.typbasetype), (r.rngsubtype)) as part (oid)
         where part.oid <> 0)
      select m.root::bigint, format_type(m.root, null), p.oid::regprocedure::text,
             p.proname in ('date_in', 'time_in', 'timestamp_in', 'timestamptz_in')
        from made_of m
        join pg_type t on t.oid = m.oid
        join pg_proc p on p.oid in (t.typinput, t.typoutput)
       where p.provolatile <> 'i'
      """;

  private static final Set<String> WRITERS = lines(BY_TYPE);
  private static final Set<String> FUNCTIONS_ALLOWED = lines(BY_TIME_ZONE, BY_TYPE, BY_LOCALE);
  private static final Set<String> FORMS_ALLOWED = lines(TEXT_FORMS);

  private final Connection connection;
  private final SqlExpression expression;
  private final Set<String> nodes = new HashSet<>();
  private final Map<String, Set<String>> references = new HashMap<>();

  private StableRules(Connection connection, SqlExpression expression, String tree) {
    this.connection = connection;
    this.expression = expression;
    NODE.matcher(tree).results().forEach(node -> nodes.add(node.group(1)));
    REFERENCE
        .matcher(tree)
        .results()
        .forEach(found ->
            references
                .computeIfAbsent(found.group(1), kind -> new TreeSet<>())
                .addAll(List.of(found.group(2).strip().split(" ", -1))));
  }

  private static Set<String> lines(String... texts) {
    return Stream.of(texts).flatMap(String::lines).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Judges an expression that Postgres calls stable or volatile.
   *
   * @param tree its {@code pg_node_tree}, read while the search path is {@code pg_catalog}
   * @return whether it makes dates and times of texts, of which some name the present
   * @throws InvalidExpression if it uses what is not allowed
   */
  static boolean check(Connection connection, SqlExpression expression, String tree)
      throws InvalidExpression, SQLException {
    StableRules rules = new StableRules(connection, expression, tree);
    rules.checkNodes();
    boolean writes = rules.checkFunctions();
    return rules.checkTypes(writes);
  }

  private void checkNodes() throws InvalidExpression {
    if (nodes.contains(WORD_NODE)) {
      throw expression.wrongName(WORDS::contains, StableRules::reason);
    }
    if (!NODES.containsAll(nodes)) {
      throw new InvalidExpression("the expression is not immutable");
    }
  }

  private Set<String> referred(String... kinds) {
    return Stream.of(kinds)
        .flatMap(kind -> references.getOrDefault(kind, Set.of()).stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String array(Set<String> oids) {
    return "{" + String.join(",", oids) + "}";
  }

  /** Whether one of them writes values of any type. */
  private boolean checkFunctions() throws InvalidExpression, SQLException {
    boolean writes = false;
    try (PreparedStatement query = connection.prepareStatement(FUNCTIONS)) {
      query.setString(1, array(referred("funcid")));
      query.setString(2, array(referred("opno", "opnos")));
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          String name = row.getString(1);
          String signature = row.getString(2);
          if (!row.getBoolean(3) || !FUNCTIONS_ALLOWED.contains(signature)) {
            throw expression.wrongName(name::equals, found -> reason(signature));
          }
          writes |= WRITERS.contains(signature);
        }
      }
    }
    return writes;
  }

  private boolean checkTypes(boolean writes) throws InvalidExpression, SQLException {
    boolean readsDates = false;
    if (!writes && !nodes.contains(BY_TEXT_NODE)) {
      return false;
    }
    Set<String> read = referred("resulttype");
    try (PreparedStatement query = connection.prepareStatement(TYPES)) {
      query.setString(1, array(referred(TYPE_REFERENCES)));
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          if (!FORMS_ALLOWED.contains(row.getString(3))) {
            throw new InvalidExpression(
                "the text form of type %s is not immutable".formatted(row.getString(2)));
          }
          readsDates |= row.getBoolean(4) && read.contains(row.getString(1));
        }
      }
    }
    return readsDates;
  }

  private static String reason(String function) {
    return "unknown or unsupported function %s, which is not immutable".formatted(function);
  }
}
