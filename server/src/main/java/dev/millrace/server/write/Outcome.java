package dev.millrace.server.write;

import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteError;
import java.util.List;
import java.util.Optional;

/** What became of a change. */
sealed interface Outcome {

  /**
   * It is in the transaction.
   *
   * @param isMerged whether it met a row that others had changed
   * @param row as its author's role sees it now, where it is not what the change said
   */
  record Done(boolean isMerged, List<Conflict> conflicts, Optional<Json.Members> row)
      implements Outcome {

    static final Done PLAIN = new Done(false, List.of(), Optional.empty());

    public Done {
      conflicts = List.copyOf(conflicts);
    }
  }

  /** It is not. */
  record Failed(WriteError error, List<Conflict> conflicts) implements Outcome {

    public Failed {
      conflicts = List.copyOf(conflicts);
    }

    static Failed of(String code, String message) {
      return new Failed(new WriteError(code, message, false), List.of());
    }

    /** For a reason that may pass. */
    static Failed forNow(String code, String message) {
      return new Failed(new WriteError(code, message, true), List.of());
    }
  }
}
