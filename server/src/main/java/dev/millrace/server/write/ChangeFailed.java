package dev.millrace.server.write;

import dev.millrace.server.write.Outcome.Failed;

/** A change must not be, though something of it is in the transaction already. */
final class ChangeFailed extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient RowChange change;
  private final transient Failed failure;

  ChangeFailed(RowChange change, Failed failure) {
    super(failure.error().message());
    this.change = change;
    this.failure = failure;
  }

  RowChange change() {
    return change;
  }

  Failed failure() {
    return failure;
  }
}
