package dev.millrace.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds what answers a request by its path, which is compared decoded and without empty segments
 * (protocol section 0).
 */
final class Router implements RequestHandler {

  private final ShapeEndpoint shapes;
  private final WriteEndpoint writes;
  private final Health health;
  private final Routes others;
  private final Traffic traffic;

  Router(
      ShapeEndpoint shapes, WriteEndpoint writes, Health health, Routes others, Traffic traffic) {
    this.shapes = shapes;
    this.writes = writes;
    this.health = health;
    this.others = others;
    this.traffic = traffic;
  }

  /** Only a POST has a body to be kept: where users send one, its sender must be known before. */
  @Override
  public void admit(HttpRequest head, Consumer<Admittance> verdict) {
    Optional<Request> post =
        head.method().equals(HttpMethod.POST) ? request(head) : Optional.empty();
    Consumer<Admittance> counting = decided -> verdict.accept(counted(decided));
    if (post.isEmpty()) {
      verdict.accept(Admittance.FREE);
    } else if (post.get().path().equals(WriteEndpoint.PATH)) {
      writes.admit(head, counting);
    } else if (post.get().path().equals(ShapeEndpoint.PATH)) {
      shapes.admit(head, post.get().query(), counting);
    } else {
      verdict.accept(Admittance.FREE);
    }
  }

  private static Optional<Request> request(HttpRequest head) {
    try {
      return Optional.of(Request.of(head.method().name(), head.uri()));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }

  private Admittance counted(Admittance verdict) {
    return switch (verdict) {
      case Admittance.Admitted admitted -> admitted;
      case Admittance.Refused(Reply reply) ->
          new Admittance.Refused(exchange -> {
            exchange.countIn(traffic);
            reply.send(exchange);
          });
    };
  }

  @Override
  public void handle(Exchange exchange, String uri) {
    exchange.countIn(traffic);
    Request request;
    try {
      request = Request.of(exchange.method(), uri);
    } catch (IllegalArgumentException e) {
      Routes.sendText(exchange, 400, "Bad request");
      return;
    }
    switch (request.path()) {
      case ShapeEndpoint.PATH -> shape(exchange, request.query());
      case WriteEndpoint.PATH -> writes.handle(exchange);
      case "/v1/health" -> health(exchange, request);
      default -> others.handle(exchange, request);
    }
  }

  private void shape(Exchange exchange, Map<String, String> query) {
    if (ShapeEndpoint.accepts(exchange.method())) {
      shapes.handle(exchange, query);
    } else {
      Routes.sendText(exchange, 404, "Not found");
    }
  }

  private void health(Exchange exchange, Request request) {
    if (!request.isRead()) {
      Routes.sendText(exchange, 404, "Not found");
      return;
    }
    HttpHeaders headers = Cors.headers(exchange, Cors.READ_METHODS);
    headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    headers.set(HttpHeaderNames.CACHE_CONTROL, "no-cache, no-store, must-revalidate");
    String status = health.status();
    exchange.send(
        status.equals("active") ? 200 : 202, headers, "{\"status\":\"%s\"}".formatted(status));
  }
}
