package dev.millrace.server.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a page of another origin may do (protocol sections 0 and 11). */
final class Cors {

  static final String SHAPE_METHODS = "GET, POST, HEAD, DELETE, OPTIONS";
  static final String READ_METHODS = "GET, HEAD";
  static final String WRITE_METHODS = "POST, OPTIONS";

  private static final String EXPOSED =
      "electric-cursor,electric-handle,electric-has-data,electric-offset,electric-schema,"
          + "electric-up-to-date,electric-internal-known-error,retry-after";

  static final Set<String> SHAPE_HEADERS =
      Set.of("if-none-match", "traceparent", "authorization", "content-type");

  static final Set<String> WRITE_HEADERS =
      Set.of("content-encoding", "traceparent", "authorization", "content-type", "x-request-id");

  private Cors() {}

  /** New headers with those that every answer to {@code exchange} carries. */
  static HttpHeaders headers(Exchange exchange, String methods) {
    HttpHeaders headers = new DefaultHttpHeaders();
    List<String> origins = exchange.requestHeaders().getAll("origin");
    if (origins.size() == 1) {
      headers.set("access-control-allow-origin", origins.getFirst());
      // A cache must not hand one origin's answer to another.
      headers.set("vary", "origin");
    } else {
      headers.set("access-control-allow-origin", "*");
    }
    headers.set("access-control-expose-headers", EXPOSED);
    headers.set("access-control-allow-methods", methods);
    return headers;
  }

  /**
   * Answers a preflight request.
   *
   * @param allowed headers that a page may send
   */
  static void preflight(Exchange exchange, String methods, Set<String> allowed) {
    HttpHeaders headers = headers(exchange, methods);
    headers.set("access-control-max-age", "86400");
    headers.set("connection", "keep-alive");
    String asked = exchange.requestHeaders().get("access-control-request-headers", "");
    String granted =
        Arrays.stream(asked.split(",", -1))
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .filter(allowed::contains)
            .collect(Collectors.joining(","));
    if (!granted.isEmpty()) {
      headers.set("access-control-allow-headers", granted);
    }
    exchange.send(204, headers, "");
  }
}
