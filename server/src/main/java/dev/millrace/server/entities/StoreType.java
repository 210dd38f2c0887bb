package dev.millrace.server.entities;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The types of the client's store, by the names that descriptions have for them in lower case, with
 * the types of Postgres that they take and the Java types that hold them. The client's {@code
 * ColumnType.Scalar} has the same.
 */
public enum StoreType {
  BOOL("boolean", "Boolean", "bool"),
  INT2("short", "Short", "int2"),
  INT4("int", "Integer", "int4", "int2"),
  INT8("long", "Long", "int8", "int2", "int4", "oid"),
  FLOAT4("float", "Float", "float4"),
  FLOAT8("double", "Double", "float8", "float4", "int2", "int4"),
  NUMERIC("java.math.BigDecimal", "java.math.BigDecimal", "numeric", "int2", "int4", "int8"),
  /** Takes every type, by its text. */
  TEXT("String", "String", "text"),
  UUID("java.util.UUID", "java.util.UUID", "uuid"),
  DATE("java.time.LocalDate", "java.time.LocalDate", "date"),
  TIME("java.time.LocalTime", "java.time.LocalTime", "time"),
  TIMESTAMP("java.time.LocalDateTime", "java.time.LocalDateTime", "timestamp"),
  TIMESTAMPTZ("java.time.Instant", "java.time.Instant", "timestamptz"),
  BYTEA("byte[]", "byte[]", "bytea"),
  JSON("dev.millrace.protocol.Json", "dev.millrace.protocol.Json", "jsonb", "json");

  private final String javaType;
  private final String boxedType;
  private final String serverTypes;

  StoreType(String javaType, String boxedType, String... serverTypes) {
    this.javaType = javaType;
    this.boxedType = boxedType;
    this.serverTypes = "," + String.join(",", serverTypes) + ",";
  }

  /** Of that name, in lower case. */
  static Optional<StoreType> of(String name) {
    return Arrays.stream(values())
        .filter(type -> type.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst();
  }

  /** The one whose own type that is; all else is kept as text. */
  static StoreType ofServer(String serverType) {
    return Arrays.stream(values())
        .filter(type ->
            type.serverTypes.startsWith("," + serverType + ",")
                || (type == JSON && serverType.equals("json")))
        .findFirst()
        .orElse(TEXT);
  }

  /** Whether a column of that type on the server fits. */
  public boolean takes(String serverType, boolean isArray) {
    return this == TEXT || (!isArray && serverTypes.contains("," + serverType + ","));
  }

  /** In Java where it is never null; qualified unless the language has it. */
  String javaType() {
    return javaType;
  }

  /** In Java where it may be null. */
  String boxedType() {
    return boxedType;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
