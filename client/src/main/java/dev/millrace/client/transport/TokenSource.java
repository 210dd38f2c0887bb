package dev.millrace.client.transport;

import java.util.Optional;
import java.util.function.Consumer;

/** Where tokens come from. */
@FunctionalInterface
public interface TokenSource {

  /** What came of asking for a token. */
  sealed interface Asked {

    /**
     * It may be asked.
     *
     * @param token to be sent; empty where the server wants none
     */
    record Ready(Optional<String> token) implements Asked {}

    /** There is none now. */
    record Failed(String reason) implements Asked {}
  }

  /**
   * Asks for a token and returns at once; what comes of it is told on the scheduler.
   *
   * @param isRefresh whether the last one was refused
   */
  void ask(boolean isRefresh, Consumer<Asked> answer);
}
