package dev.millrace.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Map;

/**
 * Finds what answers a request by its path, which is compared decoded and without empty segments
 * (protocol section 0).
 */
final class Router {

  private final ShapeEndpoint shapes;
  private final Health health;
  private final Routes others;
  private final Traffic traffic;

  Router(ShapeEndpoint shapes, Health health, Routes others, Traffic traffic) {
    this.shapes = shapes;
    this.health = health;
    this.others = others;
    this.traffic = traffic;
  }

  void handle(Exchange exchange, String uri) {
    exchange.countIn(traffic);
    Request request;
    try {
      request = Request.of(exchange.method(), uri);
    } catch (IllegalArgumentException e) {
      Routes.sendText(exchange, 400, "Bad request");
      return;
    }
    switch (request.path()) {
      case "/v1/shape" -> shape(exchange, request.query());
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
