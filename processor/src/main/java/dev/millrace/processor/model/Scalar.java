package dev.millrace.processor.model;

/** The types of the client's store: the constants of its {@code ColumnType.Scalar}. */
public enum Scalar {
  BOOL("java.lang.Boolean"),
  INT2("java.lang.Integer"),
  INT4("java.lang.Integer"),
  INT8("java.lang.Long"),
  FLOAT4("java.lang.Float"),
  FLOAT8("java.lang.Double"),
  NUMERIC("java.math.BigDecimal"),
  TEXT("java.lang.String"),
  UUID("java.util.UUID"),
  DATE("java.time.LocalDate"),
  TIME("java.time.LocalTime"),
  TIMESTAMP("java.time.LocalDateTime"),
  TIMESTAMPTZ("java.time.Instant"),
  BYTEA("byte[]"),
  JSON("dev.millrace.protocol.Json");

  private final String javaName;

  Scalar(String javaName) {
    this.javaName = javaName;
  }

  /** The qualified name of the values' class. */
  public String javaName() {
    return javaName;
  }

  /** Whether equal values have one form, so that they can be a key or be compared. */
  public boolean isComparable() {
    return this != JSON;
  }
}
