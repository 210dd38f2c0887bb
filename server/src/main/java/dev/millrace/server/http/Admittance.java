package dev.millrace.server.http;

import dev.millrace.server.auth.Principal;
import java.util.Optional;

/** Whether a request may go on, decided by its head, before its body is read. */
sealed interface Admittance {

  /** Nobody needs to be asked. */
  Admittance FREE = new Admitted(Optional.empty(), () -> {});

  /**
   * It may.
   *
   * @param principal who sends it, where that matters
   * @param leave run once, when the request is over or its client has gone
   */
  record Admitted(Optional<Principal> principal, Runnable leave) implements Admittance {}

  /** It may not, and is answered with that. */
  record Refused(Reply reply) implements Admittance {}
}
