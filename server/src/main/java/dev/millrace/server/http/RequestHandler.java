package dev.millrace.server.http;

/** What answers requests. Called on the event loop of the exchange; must not block. */
@FunctionalInterface
interface RequestHandler {

  /** Answers a request that has come whole, its body included. */
  void handle(Exchange exchange, String uri);
}
