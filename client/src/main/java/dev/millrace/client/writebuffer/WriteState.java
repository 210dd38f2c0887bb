package dev.millrace.client.writebuffer;

import java.util.Optional;

/** Where a change of the user's is on its way. */
public sealed interface WriteState {

  /** Durable on this device and shown; not sent yet. A guest's stays so. */
  record Local() implements WriteState {}

  /** Sent, perhaps more than once; no answer yet. */
  record Sent() implements WriteState {}

  /**
   * In Postgres.
   *
   * @param txid of the transaction that wrote it, if the server said
   */
  record Confirmed(Optional<Long> txid) implements WriteState {}

  /** Refused by the server; it waits as a dead letter. */
  record Rejected(String code, String reason) implements WriteState {}

  /** Taken back by the user. */
  record Discarded() implements WriteState {}

  /** Whether nothing more happens to it by itself. */
  default boolean isSettled() {
    return switch (this) {
      case Local local -> false;
      case Sent sent -> false;
      case Confirmed confirmed -> true;
      case Rejected rejected -> true;
      case Discarded discarded -> true;
    };
  }
}
