package dev.millrace.server.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers with the paths that were added to a server; whatever is none of them is not found. */
final class Routes {

  private static final Logger log = LoggerFactory.getLogger(Routes.class);
  private static final String TEXT = "text/plain; charset=utf-8";

  private final List<Route> added;
  private final Executor workers;

  /**
   * Asks the routes in their order.
   *
   * @param workers run them; they may block
   */
  Routes(List<Route> added, Executor workers) {
    this.added = List.copyOf(added);
    this.workers = workers;
  }

  /** Has a request to {@code uri} answered; for a server that has nothing else. */
  void handle(Exchange exchange, String uri) {
    try {
      handle(exchange, Request.of(exchange.method(), uri));
    } catch (IllegalArgumentException e) {
      sendText(exchange, 400, "Bad request");
    }
  }

  void handle(Exchange exchange, Request request) {
    if (added.isEmpty()) {
      fallback(exchange, request);
      return;
    }
    workers.execute(() -> {
      Optional<Response> response = ask(request);
      exchange
          .loop()
          .execute(() ->
              response.ifPresentOrElse(
                  found -> send(exchange, found), () -> fallback(exchange, request)));
    });
  }

  private Optional<Response> ask(Request request) {
    try {
      return added.stream().flatMap(route -> route.handle(request).stream()).findFirst();
    } catch (RuntimeException e) {
      log.atError().addKeyValue("path", request.path()).setCause(e).log("a route failed");
      return Optional.of(new Response(500, Map.of(), new byte[0]));
    }
  }

  private static void send(Exchange exchange, Response response) {
    HttpHeaders headers = new DefaultHttpHeaders();
    response.headers().forEach(headers::set);
    exchange.send(response.status(), headers, Unpooled.wrappedBuffer(response.body()));
  }

  private static void fallback(Exchange exchange, Request request) {
    if (request.path().equals("/") && request.isRead()) {
      sendText(exchange, 200, "");
    } else {
      sendText(exchange, 404, "Not found");
    }
  }

  static void sendText(Exchange exchange, int status, String text) {
    HttpHeaders headers = Cors.headers(exchange, Cors.READ_METHODS);
    headers.set(HttpHeaderNames.CONTENT_TYPE, TEXT);
    headers.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.DEFAULT);
    exchange.send(status, headers, text);
  }
}
