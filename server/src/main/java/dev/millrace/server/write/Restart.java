package dev.millrace.server.write;

/** Nothing was applied, and the same batch may succeed at once. */
final class Restart extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean isOutdated;

  Restart(SqlFailure failure) {
    super(failure.cause());
    this.isOutdated = failure.kind() == SqlFailure.Kind.OUTDATED;
  }

  /** Whether the catalogue has to be looked at again before. */
  boolean isOutdated() {
    return isOutdated;
  }
}
