package dev.millrace.server.filter.value;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A type of Postgres whose values we understand. Domains do not occur: what reads a domain's value
 * reads one of its base type. Equal if the OIDs are, or those of the elements. Immutable, but for
 * the labels of an enum.
 *
 * <p>Values are Java objects, never null, by {@link Kind}.
 */
public final class Type {

  /** What a value is, and which Java object stands for it. */
  public enum Kind {
    /** {@link Boolean}. */
    BOOL,
    /** {@link Long}. */
    INT2,
    /** {@link Long}. */
    INT4,
    /** {@link Long}. */
    INT8,
    /** {@link Float}. */
    FLOAT4,
    /** {@link Double}. */
    FLOAT8,
    /** {@link Numeric}. */
    NUMERIC,
    /** {@link String}. */
    TEXT,
    /** {@link String}. */
    VARCHAR,
    /** {@link String} with its padding. */
    BPCHAR,
    /** {@link String}. */
    NAME,
    /** {@link String} as Postgres prints it. */
    UUID,
    /** {@link Bytes}. */
    BYTEA,
    /** {@link Long}: days, {@link Dates}. */
    DATE,
    /** {@link Long}: microseconds since midnight. */
    TIME,
    /** {@link ZonedTime}. */
    TIMETZ,
    /** {@link Long}: microseconds, {@link Dates}. */
    TIMESTAMP,
    /** {@link Long}: microseconds, {@link Dates}. */
    TIMESTAMPTZ,
    /** {@link Interval}. */
    INTERVAL,
    /** {@link String}. */
    JSON,
    /** {@link Json}. */
    JSONB,
    /** {@link String}: the label. */
    ENUM,
    /** {@link ArrayValue}. */
    ARRAY,
    /** Nothing: stands in signatures for any array, element or enum. */
    PSEUDO
  }

  private static final Map<Integer, Type> BY_OID = new LinkedHashMap<>();
  private static final Map<String, Type> BY_NAME = new LinkedHashMap<>();

  public static final Type BOOL = builtin(16, 1000, "bool", Kind.BOOL);
  public static final Type INT2 = builtin(21, 1005, "int2", Kind.INT2);
  public static final Type INT4 = builtin(23, 1007, "int4", Kind.INT4);
  public static final Type INT8 = builtin(20, 1016, "int8", Kind.INT8);
  public static final Type FLOAT4 = builtin(700, 1021, "float4", Kind.FLOAT4);
  public static final Type FLOAT8 = builtin(701, 1022, "float8", Kind.FLOAT8);
  public static final Type NUMERIC = builtin(1700, 1231, "numeric", Kind.NUMERIC);
  public static final Type TEXT = builtin(25, 1009, "text", Kind.TEXT);
  public static final Type VARCHAR = builtin(1043, 1015, "varchar", Kind.VARCHAR);
  public static final Type BPCHAR = builtin(1042, 1014, "bpchar", Kind.BPCHAR);
  public static final Type NAME = builtin(19, 1003, "name", Kind.NAME);
  public static final Type UUID = builtin(2950, 2951, "uuid", Kind.UUID);
  public static final Type BYTEA = builtin(17, 1001, "bytea", Kind.BYTEA);
  public static final Type DATE = builtin(1082, 1182, "date", Kind.DATE);
  public static final Type TIME = builtin(1083, 1183, "time", Kind.TIME);
  public static final Type TIMETZ = builtin(1266, 1270, "timetz", Kind.TIMETZ);
  public static final Type TIMESTAMP = builtin(1114, 1115, "timestamp", Kind.TIMESTAMP);
  public static final Type TIMESTAMPTZ = builtin(1184, 1185, "timestamptz", Kind.TIMESTAMPTZ);
  public static final Type INTERVAL = builtin(1186, 1187, "interval", Kind.INTERVAL);
  public static final Type JSON = builtin(114, 199, "json", Kind.JSON);
  public static final Type JSONB = builtin(3802, 3807, "jsonb", Kind.JSONB);

  /** In signatures: any array, the elements of that array, any enum, and any type at all. */
  public static final Type ANY_ARRAY = pseudo(2277, "anyarray");

  public static final Type ANY_ELEMENT = pseudo(2283, "anyelement");
  public static final Type ANY_ENUM = pseudo(3500, "anyenum");
  public static final Type ANY = pseudo(2276, "any");

  private final int oid;
  private final String name;
  private final Kind kind;
  private final @Nullable Type element;
  private final @Nullable EnumOrder order;

  private Type(int oid, String name, Kind kind, @Nullable Type element, @Nullable EnumOrder order) {
    this.oid = oid;
    this.name = name;
    this.kind = kind;
    this.element = element;
    this.order = order;
  }

  private static Type builtin(int oid, int arrayOid, String name, Kind kind) {
    Type type = new Type(oid, name, kind, null, null);
    BY_OID.put(oid, type);
    BY_NAME.put(name, type);
    Type array = array(arrayOid, type);
    BY_OID.put(arrayOid, array);
    BY_NAME.put(array.name, array);
    return type;
  }

  private static Type pseudo(int oid, String name) {
    Type type = new Type(oid, name, Kind.PSEUDO, null, null);
    BY_NAME.put(name, type);
    return type;
  }

  /** An array type of these elements; its OID is not needed. */
  public static Type array(int oid, Type element) {
    return new Type(oid, element.name + "[]", Kind.ARRAY, element, null);
  }

  /** An enum; its name is for messages. */
  public static Type ofEnum(int oid, String name, EnumOrder order) {
    return new Type(oid, name, Kind.ENUM, null, order);
  }

  /** The type that every Postgres has under that OID; null if we do not know it. */
  public static @Nullable Type builtin(int oid) {
    return BY_OID.get(oid);
  }

  /** By the short name, such as {@code int4} or {@code text[]}; for signatures. */
  public static Type named(String name) {
    return Objects.requireNonNull(BY_NAME.get(name), name);
  }

  /** The type of arrays of these elements. */
  public static Type arrayOf(Type element) {
    Type builtin = BY_NAME.get(element.name + "[]");
    return builtin != null && builtin.element().equals(element) ? builtin : array(0, element);
  }

  /** Every type that stands for values and is in every Postgres, arrays included. */
  public static List<Type> builtins() {
    return new ArrayList<>(BY_OID.values());
  }

  public int oid() {
    return oid;
  }

  public String name() {
    return name;
  }

  public Kind kind() {
    return kind;
  }

  public boolean isArray() {
    return kind == Kind.ARRAY;
  }

  /** Of an array type. */
  public Type element() {
    return Objects.requireNonNull(element, name);
  }

  /** Of an enum type. */
  EnumOrder order() {
    return Objects.requireNonNull(order, name);
  }

  /** Whether its values, or its elements, are texts that have a collation. */
  public boolean isCollatable() {
    return switch (kind) {
      case TEXT, VARCHAR, BPCHAR, NAME -> true;
      case ARRAY -> element().isCollatable();
      default -> false;
    };
  }

  public boolean isText() {
    return kind == Kind.TEXT || kind == Kind.VARCHAR || kind == Kind.BPCHAR || kind == Kind.NAME;
  }

  public boolean isInteger() {
    return kind == Kind.INT2 || kind == Kind.INT4 || kind == Kind.INT8;
  }

  /** Whether two values are equal exactly if their texts are the same, byte by byte. */
  public boolean hasOneTextPerValue() {
    return switch (kind) {
      case BOOL,
          INT2,
          INT4,
          INT8,
          TEXT,
          VARCHAR,
          UUID,
          BYTEA,
          DATE,
          TIME,
          TIMESTAMP,
          TIMESTAMPTZ,
          ENUM ->
          true;
      default -> false;
    };
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Type type
        && ((isArray() && type.isArray()) ? element().equals(type.element()) : type.oid == oid);
  }

  @Override
  public int hashCode() {
    return isArray() ? 31 * element().hashCode() : oid;
  }

  @Override
  public String toString() {
    return name;
  }
}
