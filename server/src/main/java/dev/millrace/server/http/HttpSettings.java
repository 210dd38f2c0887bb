package dev.millrace.server.http;

import java.time.Duration;
import java.util.Optional;

/**
 * How the server listens and what it promises to caches.
 *
 * @param tls who the server proves to be; empty if it speaks in clear
 * @param secret what a request on {@code /v1/shape} must carry; empty if none is asked for
 * @param cacheMaxAge and {@code cacheStaleAge}: of catch-up answers, in whole seconds
 */
public record HttpSettings(
    String host,
    int port,
    Optional<TlsCertificate> tls,
    Optional<String> secret,
    Duration longPollTimeout,
    Duration cacheMaxAge,
    Duration cacheStaleAge) {}
