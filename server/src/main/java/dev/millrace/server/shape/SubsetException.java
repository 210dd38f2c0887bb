package dev.millrace.server.shape;

/** A subset that cannot be: the client has to ask for something else. */
public final class SubsetException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String field;
  private final String reason;
  private final boolean isData;

  private SubsetException(String field, String reason, boolean isData) {
    super(reason, null, false, false);
    this.field = field;
    this.reason = reason;
    this.isData = isData;
  }

  /**
   * What is wrong.
   *
   * @param field {@code where} or {@code order_by}
   * @param reason for the client
   */
  SubsetException(String field, String reason) {
    this(field, reason, false);
  }

  /** A value in {@code where} is none of its type, or cannot be computed with. */
  static SubsetException ofData(String reason) {
    return new SubsetException("where", reason, true);
  }

  public String field() {
    return field;
  }

  public String reason() {
    return reason;
  }

  /** Whether Postgres found a value wrong rather than the expression. */
  public boolean isData() {
    return isData;
  }
}
