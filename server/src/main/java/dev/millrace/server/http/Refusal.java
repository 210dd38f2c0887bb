package dev.millrace.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/**
 * Why a request is answered before it has been read to its end. Its connection ends with the
 * answer, because nobody knows where the next request would begin.
 */
enum Refusal implements Reply {
  NOT_HTTP(400, "This is not a request of HTTP/1.1."),
  LINE_TOO_LONG(
      414, "The request line has more than %d bytes.".formatted(IncomingRequest.MAX_LINE_BYTES)),
  HEADERS_TOO_LARGE(
      431, "The headers have more than %d bytes.".formatted(IncomingRequest.MAX_HEADER_BYTES)),
  BODY_TOO_SLOW(408, "{\"error\":\"Request body did not come in time\"}"),
  BODY_TOO_LARGE(413, "{\"error\":\"Request body too large\"}"),
  TOO_MANY_BODIES(503, "{\"error\":\"Too many request bodies at once, please retry\"}");

  private static final String RETRY_AFTER_SECONDS = "5";

  private final int status;
  private final String body;

  Refusal(int status, String body) {
    this.status = status;
    this.body = body;
  }

  /** What a request means that the decoder did not understand. */
  static Refusal of(Throwable failure) {
    return switch (failure) {
      case TooLongHttpLineException tooLong -> LINE_TOO_LONG;
      case TooLongHttpHeaderException tooLong -> HEADERS_TOO_LARGE;
      default -> NOT_HTTP;
    };
  }

  @Override
  public void send(Exchange exchange) {
    HttpHeaders headers = Cors.headers(exchange, Cors.SHAPE_METHODS);
    boolean isJson = body.startsWith("{");
    headers.set(
        HttpHeaderNames.CONTENT_TYPE,
        isJson ? "application/json; charset=utf-8" : "text/plain; charset=utf-8");
    headers.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.ERROR);
    if (status == 503) {
      headers.set(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    exchange.send(status, headers, body);
  }
}
