package dev.millrace.server.http;

import java.util.Optional;

/** Paths that a program adds to the server's own. Called on a virtual thread; may block. */
@FunctionalInterface
public interface Route {

  /** The answer, or empty if the path is none of this route's. */
  Optional<Response> handle(Request request);
}
