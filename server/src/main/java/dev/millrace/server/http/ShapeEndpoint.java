package dev.millrace.server.http;

import dev.millrace.protocol.JsonText;
import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.ShapeHandle;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.Table;
import dev.millrace.server.shape.Shape;
import dev.millrace.server.shape.ShapeDefinition;
import dev.millrace.server.shape.ShapeException;
import dev.millrace.server.shape.Shapes;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /v1/shape}: takes a request through the steps of protocol section 2. */
final class ShapeEndpoint {

  private static final Logger log = LoggerFactory.getLogger(ShapeEndpoint.class);

  private static final String DATABASE_UNREACHABLE =
      "{\"code\":\"database_unreachable\",\"error\":\"Database is unreachable\"}";

  private static final String NOT_FOLLOWING = "Timeout waiting for the replication stream";

  private static final long READY_MILLIS = 5_000;
  private static final long START_MILLIS = 45_000;

  private final HttpSettings settings;
  private final Shapes shapes;
  private final Catalog catalog;
  private final Health health;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Executor workers;

  ShapeEndpoint(
      HttpSettings settings,
      Shapes shapes,
      Catalog catalog,
      Health health,
      InstantSource clock,
      RandomGenerator random,
      Executor workers) {
    this.settings = settings;
    this.shapes = shapes;
    this.catalog = catalog;
    this.health = health;
    this.clock = clock;
    this.random = random;
    this.workers = workers;
  }

  HttpSettings settings() {
    return settings;
  }

  Lsn publishedPosition() {
    return new Lsn(shapes.router().publishedPosition());
  }

  String cursor(ShapeRequest request) {
    return Long.toString(
        Cursor.next(request.cursor(), clock.instant(), settings.longPollTimeout(), random));
  }

  void handle(Exchange exchange, Map<String, String> query) {
    if (exchange.method().equals("OPTIONS")) {
      Cors.preflight(exchange);
      return;
    }
    if (!isAuthorized(query)) {
      HttpHeaders headers = new DefaultHttpHeaders();
      headers.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.ERROR);
      exchange.send(401, headers, "{\"message\":\"Unauthorized - Invalid API secret\"}");
      return;
    }
    switch (exchange.method()) {
      case "GET", "HEAD" -> read(exchange, query);
      default ->
          sendError(exchange, 405, "{\"message\":\"" + exchange.method() + " not allowed\"}");
    }
  }

  /** Compares in constant time; {@code secret} wins over its older name. */
  private boolean isAuthorized(Map<String, String> query) {
    if (settings.secret().isEmpty()) {
      return true;
    }
    String sent = query.getOrDefault("secret", query.getOrDefault("api_secret", ""));
    return MessageDigest.isEqual(
        sent.getBytes(StandardCharsets.UTF_8),
        settings.secret().get().getBytes(StandardCharsets.UTF_8));
  }

  private void read(Exchange exchange, Map<String, String> query) {
    ShapeRequest request;
    try {
      request = ShapeRequest.parse(query);
    } catch (InvalidRequest e) {
      fail(exchange, e);
      return;
    }
    Optional<Shape> named = request.handle().flatMap(this::find).filter(s -> matches(s, request));
    if (named.isPresent()) {
      serve(new ShapeAnswer(exchange, request, named.get(), this));
    } else {
      workers.execute(() -> resolve(exchange, request));
    }
  }

  private Optional<Shape> find(String handle) {
    try {
      return shapes.find(new ShapeHandle(handle));
    } catch (IllegalArgumentException noHandle) {
      return Optional.empty();
    }
  }

  private static boolean matches(Shape shape, ShapeRequest request) {
    return request.matches(shape.definition());
  }

  /** Finds or makes the shape; on a worker. */
  private void resolve(Exchange exchange, ShapeRequest request) {
    try {
      if (!health.awaitReady(READY_MILLIS)) {
        throw new ShapeException(ShapeException.Kind.TRY_LATER, NOT_FOLLOWING, null);
      }
      Shape shape = shapes.findOrCreate(definition(request));
      shape.awaitStart(START_MILLIS);
      exchange.loop().execute(() -> found(exchange, request, shape));
    } catch (InvalidRequest e) {
      exchange.loop().execute(() -> fail(exchange, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      exchange.loop().execute(() -> fail(exchange, request, e));
    }
  }

  private ShapeDefinition definition(ShapeRequest request) throws InvalidRequest {
    Optional<Table> table = catalog.table(request.table());
    if (table.isEmpty()) {
      throw InvalidRequest.of(
          "table",
          "Table %s does not exist. If the table name contains capitals or special characters you must quote it."
              .formatted(request.table().quoted()));
    }
    return request.definition(table.get());
  }

  private void found(Exchange exchange, ShapeRequest request, Shape shape) {
    if (request.handle().isPresent()) {
      refetch(exchange, shape);
    } else {
      serve(new ShapeAnswer(exchange, request, shape, this));
    }
  }

  private void serve(ShapeAnswer answer) {
    answer.step(() -> answerWith(answer));
  }

  private void answerWith(ShapeAnswer answer) {
    ShapeRequest request = answer.request();
    if (request.isNow()) {
      new NowAnswer(answer).start();
      return;
    }
    Offset offset = request.offset().orElseThrow();
    if (offset.equals(Offset.BEFORE_ALL)) {
      new SnapshotAnswer(answer, 0).start();
    } else if (offset.isInSnapshot()) {
      int next = (int) Math.min(offset.op(), Integer.MAX_VALUE - 1) + 1;
      new SnapshotAnswer(answer, next).start();
    } else {
      answerFromLog(answer);
    }
  }

  /** Answers a client that has the whole snapshot. */
  void answerFromLog(ShapeAnswer answer) {
    ShapeRequest request = answer.request();
    Offset offset = request.offset().orElseThrow();
    if (request.isEventStream()) {
      new EventStream(answer).start();
    } else if (request.isLive()) {
      new LongPoll(answer).start(settings.longPollTimeout());
    } else if (offset.isAfter(answer.shape().log().end())) {
      new LongPoll(answer).start(settings.longPollTimeout().dividedBy(2));
    } else {
      new LogAnswer(answer).start();
    }
  }

  /** Whether what a live client waits for can come at all. */
  boolean isFollowing() {
    return health.isActive();
  }

  /** Ends a wait in vain while Postgres is away: nobody knows whether the client is up-to-date. */
  void failNotFollowing(Exchange exchange) {
    sendUnavailable(exchange, 10, message(NOT_FOLLOWING));
  }

  /** Tells the client to begin anew with the shape that has taken the old one's place. */
  void refetch(Exchange exchange, ShapeRequest request) {
    workers.execute(() -> {
      try {
        Shape next = shapes.findOrCreate(definition(request));
        next.awaitStart(START_MILLIS);
        exchange.loop().execute(() -> refetch(exchange, next));
      } catch (InvalidRequest e) {
        exchange.loop().execute(() -> fail(exchange, e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        exchange.loop().execute(() -> fail(exchange, request, e));
      }
    });
  }

  private static void refetch(Exchange exchange, Shape next) {
    HttpHeaders headers = Cors.headers(exchange, Cors.SHAPE_METHODS);
    headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json; charset=utf-8");
    headers.set("electric-handle", next.handle().text());
    headers.set(HttpHeaderNames.ETAG, "\"%s::\"".formatted(next.handle()));
    headers.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.REFETCH);
    exchange.send(409, headers, "[{\"headers\":{\"control\":\"must-refetch\"}}]");
  }

  void fail(Exchange exchange, InvalidRequest cause) {
    sendError(exchange, 400, cause.body());
  }

  /** Answers with what an error means to the client; logs what it means to us. */
  void fail(Exchange exchange, ShapeRequest request, Throwable cause) {
    if (exchange.isBegun()) {
      exchange.abort();
      return;
    }
    switch (cause) {
      case ShapeException e when e.kind() == ShapeException.Kind.REFETCH -> {
        HttpHeaders headers = errorHeaders(exchange);
        headers.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.REFETCH_UNKNOWN);
        headers.remove("surrogate-control");
        exchange.send(409, headers, "[{\"headers\":{\"control\":\"must-refetch\"}}]");
      }
      case ShapeException e
          when e.getCause() instanceof DatabaseException reason
              && reason.kind() == DatabaseException.Kind.UNREACHABLE ->
          sendUnavailable(exchange, 10, DATABASE_UNREACHABLE);
      case ShapeException e -> sendUnavailable(exchange, 10, message(e.reason()));
      case DatabaseException e when e.kind() == DatabaseException.Kind.UNREACHABLE ->
          sendUnavailable(exchange, 10, DATABASE_UNREACHABLE);
      case DatabaseException e ->
          sendUnavailable(
              exchange,
              1,
              message(
                  "Cannot connect to the database to verify the shape. Please try again later."));
      default -> {
        log.error("cannot answer a request on {}", request.table(), cause);
        sendError(exchange, 500, "{\"error\":\"Internal server error\"}");
      }
    }
  }

  private static String message(String text) {
    return "{\"message\":" + JsonText.quote(text) + "}";
  }

  private void sendUnavailable(Exchange exchange, int retryAfterSeconds, String body) {
    HttpHeaders headers = errorHeaders(exchange);
    headers.set("retry-after", retryAfterSeconds);
    headers.set("electric-internal-known-error", "true");
    exchange.send(503, headers, body);
  }

  private void sendError(Exchange exchange, int status, String body) {
    exchange.send(status, errorHeaders(exchange), body);
  }

  private static HttpHeaders errorHeaders(Exchange exchange) {
    HttpHeaders headers = Cors.headers(exchange, Cors.SHAPE_METHODS);
    headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json; charset=utf-8");
    headers.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.ERROR);
    headers.set("surrogate-control", "no-store");
    return headers;
  }
}
