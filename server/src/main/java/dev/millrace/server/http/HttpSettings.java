package dev.millrace.server.http;

import java.time.Duration;
import java.util.Optional;

/**
 * How the server listens and what it promises to caches.
 *
 * @param tls who the server proves to be; empty if it speaks in clear
 * @param secret by which a request on {@code /v1/shape} may read all
 * @param isOpen whether one without it may too
 * @param isDeletionEnabled whether clients may drop shapes
 * @param maxInitialRequests most requests at once that may have to make a shape; {@code
 *     maxExistingRequests}: on shapes that are there
 * @param cacheMaxAge and {@code cacheStaleAge}: of catch-up answers, in whole seconds
 */
public record HttpSettings(
    String host,
    int port,
    Optional<TlsCertificate> tls,
    Optional<String> secret,
    boolean isOpen,
    boolean isDeletionEnabled,
    int maxInitialRequests,
    int maxExistingRequests,
    Duration longPollTimeout,
    Duration cacheMaxAge,
    Duration cacheStaleAge,
    Times times,
    WriteLimits writes) {

  /**
   * When the server ends what goes on for long.
   *
   * @param idle a connection without a request under way
   * @param eventStream an event stream
   * @param keepAlive the longest silence of an event stream
   * @param stalled a client that takes nothing of its answer
   */
  public record Times(Duration idle, Duration eventStream, Duration keepAlive, Duration stalled) {}

  /** The same on another port. */
  public HttpSettings onPort(int other) {
    return new HttpSettings(
        host,
        other,
        tls,
        secret,
        isOpen,
        isDeletionEnabled,
        maxInitialRequests,
        maxExistingRequests,
        longPollTimeout,
        cacheMaxAge,
        cacheStaleAge,
        times,
        writes);
  }
}
