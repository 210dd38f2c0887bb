package dev.millrace.server.http;

import java.time.Duration;
import java.util.Optional;

/**
 * How the server listens and what it promises to caches.
 *
 * @param secret what a request on {@code /v1/shape} must carry; empty if none is asked for
 * @param isDeletionEnabled whether clients may drop shapes
 * @param maxInitialRequests most requests at once that may have to make a shape; {@code
 *     maxExistingRequests}: on shapes that are there
 * @param cacheMaxAge and {@code cacheStaleAge}: of catch-up answers, in whole seconds
 */
public record HttpSettings(
    String host,
    int port,
    Optional<String> secret,
    boolean isDeletionEnabled,
    int maxInitialRequests,
    int maxExistingRequests,
    Duration longPollTimeout,
    Duration cacheMaxAge,
    Duration cacheStaleAge) {

  /** The same on another port. */
  public HttpSettings onPort(int other) {
    return new HttpSettings(
        host,
        other,
        secret,
        isDeletionEnabled,
        maxInitialRequests,
        maxExistingRequests,
        longPollTimeout,
        cacheMaxAge,
        cacheStaleAge);
  }
}
