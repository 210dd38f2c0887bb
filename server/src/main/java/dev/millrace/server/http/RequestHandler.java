package dev.millrace.server.http;

import io.netty.handler.codec.http.HttpRequest;
import java.util.function.Consumer;

/** What answers requests. Called on the event loop of the exchange; must not block. */
@FunctionalInterface
interface RequestHandler {

  /** Answers a request that was admitted and has come whole, its body included. */
  void handle(Exchange exchange, String uri);

  /**
   * Looks at a request of which there is the head alone.
   *
   * @param verdict told once, at once or later, on any thread; nothing is read meanwhile
   */
  default void admit(HttpRequest head, Consumer<Admittance> verdict) {
    verdict.accept(Admittance.FREE);
  }
}
