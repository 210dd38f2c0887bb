package dev.millrace.server.http;

import dev.millrace.protocol.JsonText;
import dev.millrace.server.auth.InvalidToken;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.shape.Shape;
import dev.millrace.server.shape.ShapeException;
import dev.millrace.server.shape.SubsetException;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every answer of {@code /v1/shape} that is no success (protocol section 8). What is wrong with the
 * shape (409) and what cannot be done now (503) are never mixed up; what it means to us is logged,
 * not sent.
 */
final class ShapeErrors {

  private static final Logger log = LoggerFactory.getLogger(ShapeErrors.class);

  private static final String MUST_REFETCH = "[{\"headers\":{\"control\":\"must-refetch\"}}]";
  private static final String DATABASE_UNREACHABLE =
      "{\"code\":\"database_unreachable\",\"error\":\"Database is unreachable\"}";
  private static final int LATER_SECONDS = 10;
  private static final int SOON_SECONDS = 1;
  private static final int FULL_SECONDS = 6;

  /** Those who are told at the same time come back in the course of so many seconds. */
  private static final int SPREAD_SECONDS = 5;

  private final RandomGenerator random;

  ShapeErrors(RandomGenerator random) {
    this.random = random;
  }

  /** The secret is missing or wrong; tells nothing else, not even what other origins may do. */
  void sendUnauthorized(Exchange exchange) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.ERROR);
    exchange.send(401, headers, "{\"message\":\"Unauthorized - Invalid API secret\"}");
  }

  /** A token is missing, or not to be believed. */
  void sendUnauthorized(Exchange exchange, InvalidToken.Cause cause) {
    WriteRefusal refusal = WriteRefusal.of(cause);
    HttpHeaders headers = headers(exchange, CacheControl.ERROR);
    refusal.headers().forEach(headers::set);
    String body =
        "{\"code\":%s,\"message\":%s}"
            .formatted(JsonText.quote(refusal.code()), JsonText.quote(refusal.message()));
    exchange.send(refusal.status(), headers, body);
  }

  /** Nobody can be let in at the moment. */
  void sendNobodyLetIn(Exchange exchange) {
    sendUnavailable(
        exchange,
        SOON_SECONDS + random.nextInt(SPREAD_SECONDS),
        "{\"code\":\"authentication_unavailable\","
            + "\"message\":\"Nobody can be let in at the moment.\"}");
  }

  /** Too many requests at once. */
  void sendOverloaded(Exchange exchange, Admission full) {
    String text =
        "Concurrent %s request limit exceeded (limit: %d), please retry"
            .formatted(full.kind(), full.limit());
    sendUnavailable(
        exchange,
        FULL_SECONDS + random.nextInt(SPREAD_SECONDS),
        "{\"code\":\"concurrent_request_limit_exceeded\",\"message\":\"%s\"}".formatted(text));
  }

  /** Tells the client to begin anew with {@code next}. */
  void sendRefetch(Exchange exchange, Shape next) {
    HttpHeaders headers = headers(exchange, CacheControl.REFETCH);
    headers.set("electric-handle", next.handle().text());
    headers.set(HttpHeaderNames.ETAG, "\"%s::\"".formatted(next.handle()));
    exchange.send(409, headers, MUST_REFETCH);
  }

  void send(Exchange exchange, InvalidRequest cause) {
    send(exchange, 400, cause.body());
  }

  void send(Exchange exchange, int status, String body) {
    HttpHeaders headers = headers(exchange, CacheControl.ERROR);
    headers.set("surrogate-control", "no-store");
    exchange.send(status, headers, body);
  }

  /** Answers with what an error means to the client. */
  void send(Exchange exchange, Throwable cause) {
    if (exchange.isBegun()) {
      exchange.abort();
      return;
    }
    switch (cause) {
      case SubsetException e when e.isData() ->
          send(exchange, InvalidRequest.ofSubsetData(e.field(), e.reason()));
      case SubsetException e ->
          send(exchange, InvalidRequest.ofSubset(Map.of(e.field(), List.of(e.reason()))));
      case ShapeException e when e.kind() == ShapeException.Kind.REFETCH ->
          exchange.send(409, headers(exchange, CacheControl.REFETCH_UNKNOWN), MUST_REFETCH);
      case ShapeException e when e.kind() == ShapeException.Kind.INVALID ->
          send(exchange, InvalidRequest.of("where", e.reason()));
      case ShapeException e when e.kind() == ShapeException.Kind.FORBIDDEN ->
          send(exchange, 403, message(e.reason()));
      case DatabaseException e
          when e.kind() == DatabaseException.Kind.FORBIDDEN && exchange.principal().isPresent() ->
          send(exchange, 403, message(e.message()));
      case ShapeException e when isUnreachable(e.getCause()) ->
          sendUnavailable(exchange, LATER_SECONDS, DATABASE_UNREACHABLE);
      case ShapeException e ->
          // Many may have waited together for shapes that could not be made in time.
          sendUnavailable(
              exchange, LATER_SECONDS + random.nextInt(SPREAD_SECONDS), message(e.reason()));
      case DatabaseException e when isUnreachable(e) ->
          sendUnavailable(exchange, LATER_SECONDS, DATABASE_UNREACHABLE);
      case DatabaseException e when e.kind() == DatabaseException.Kind.TIMEOUT ->
          sendUnavailable(
              exchange, LATER_SECONDS, message("Snapshot query took too long to return data"));
      case DatabaseException e -> {
        log.atWarn()
            .addKeyValue("request", exchange.requestId())
            .addKeyValue("cause", e.kind().name().toLowerCase(Locale.ROOT))
            .log("cannot answer a request: {}", e.getMessage());
        sendUnavailable(
            exchange,
            SOON_SECONDS,
            message("Cannot connect to the database to verify the shape. Please try again later."));
      }
      default -> {
        log.atError()
            .addKeyValue("request", exchange.requestId())
            .setCause(cause)
            .log("cannot answer a request");
        send(exchange, 500, "{\"error\":\"Internal server error\"}");
      }
    }
  }

  private static boolean isUnreachable(@Nullable Throwable cause) {
    return cause instanceof DatabaseException reason
        && reason.kind() == DatabaseException.Kind.UNREACHABLE;
  }

  static String message(String text) {
    return "{\"message\":" + JsonText.quote(text) + "}";
  }

  void sendUnavailable(Exchange exchange, int retryAfterSeconds, String body) {
    HttpHeaders headers = headers(exchange, CacheControl.ERROR);
    headers.set("surrogate-control", "no-store");
    headers.set("retry-after", retryAfterSeconds);
    headers.set("electric-internal-known-error", "true");
    exchange.send(503, headers, body);
  }

  private static HttpHeaders headers(Exchange exchange, String cacheControl) {
    HttpHeaders headers = Cors.headers(exchange, Cors.SHAPE_METHODS);
    headers.set(HttpHeaderNames.CONTENT_TYPE, ShapeAnswer.JSON);
    headers.set(
        HttpHeaderNames.CACHE_CONTROL,
        CacheControl.isCacheable(exchange.method()) ? cacheControl : CacheControl.NO_CACHE);
    return headers;
  }
}
