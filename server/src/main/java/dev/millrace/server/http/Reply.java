package dev.millrace.server.http;

/** An answer that needs nothing more of its request. */
@FunctionalInterface
interface Reply {
  void send(Exchange exchange);
}
