package dev.millrace.server.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what answers a request by its path, which is compared decoded and without empty segments
 * (protocol section 0).
 */
final class Router {

  private static final Logger log = LoggerFactory.getLogger(Router.class);
  private static final String TEXT = "text/plain; charset=utf-8";

  private final ShapeEndpoint shapes;
  private final Health health;
  private final List<Route> added;
  private final Executor workers;

  Router(ShapeEndpoint shapes, Health health, List<Route> added, Executor workers) {
    this.shapes = shapes;
    this.health = health;
    this.added = List.copyOf(added);
    this.workers = workers;
  }

  void handle(Exchange exchange, String uri) {
    QueryStringDecoder decoder = new QueryStringDecoder(uri);
    String path;
    Map<String, String> query = new HashMap<>();
    try {
      path = normalise(decoder.path());
      decoder.parameters().forEach((name, values) -> query.put(name, values.getLast()));
    } catch (IllegalArgumentException e) {
      sendText(exchange, 400, "Bad request");
      return;
    }
    switch (path) {
      case "/v1/shape" -> shapes.handle(exchange, query);
      case "/v1/health" -> health(exchange);
      default -> other(exchange, path, query);
    }
  }

  private static String normalise(String path) {
    return Arrays.stream(path.split("/", -1))
        .filter(segment -> !segment.isEmpty())
        .collect(Collectors.joining("/", "/", ""));
  }

  private void health(Exchange exchange) {
    if (!isRead(exchange)) {
      sendText(exchange, 404, "Not found");
      return;
    }
    HttpHeaders headers = Cors.headers(exchange, Cors.READ_METHODS);
    headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    headers.set(HttpHeaderNames.CACHE_CONTROL, "no-cache, no-store, must-revalidate");
    String status = health.status();
    exchange.send(
        status.equals("active") ? 200 : 202, headers, "{\"status\":\"%s\"}".formatted(status));
  }

  private static boolean isRead(Exchange exchange) {
    return exchange.method().equals("GET") || exchange.method().equals("HEAD");
  }

  private void other(Exchange exchange, String path, Map<String, String> query) {
    if (added.isEmpty()) {
      fallback(exchange, path);
      return;
    }
    Request request = new Request(exchange.method(), path, query);
    workers.execute(() -> {
      Optional<Response> response = ask(request);
      exchange
          .loop()
          .execute(() ->
              response.ifPresentOrElse(
                  found -> send(exchange, found), () -> fallback(exchange, path)));
    });
  }

  private Optional<Response> ask(Request request) {
    try {
      return added.stream().flatMap(route -> route.handle(request).stream()).findFirst();
    } catch (RuntimeException e) {
      log.error("a route failed on {}", request.path(), e);
      return Optional.of(new Response(500, Map.of(), new byte[0]));
    }
  }

  private static void send(Exchange exchange, Response response) {
    HttpHeaders headers = new DefaultHttpHeaders();
    response.headers().forEach(headers::set);
    exchange.send(response.status(), headers, Unpooled.wrappedBuffer(response.body()));
  }

  private static void fallback(Exchange exchange, String path) {
    if (path.equals("/") && isRead(exchange)) {
      sendText(exchange, 200, "");
    } else {
      sendText(exchange, 404, "Not found");
    }
  }

  private static void sendText(Exchange exchange, int status, String text) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_TYPE, TEXT);
    headers.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.DEFAULT);
    exchange.send(status, headers, text);
  }
}
