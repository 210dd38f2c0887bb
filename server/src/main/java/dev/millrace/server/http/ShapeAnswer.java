package dev.millrace.server.http;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.server.shape.LogSlice;
import dev.millrace.server.shape.Shape;
import dev.millrace.server.shape.Waiters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A checked request, the shape it reads, and what its answers have in common: headers, ETag, the
 * array of messages (protocol section 3).
 */
final class ShapeAnswer {

  /** So much is copied at once, so that small changes leave as one buffer. */
  private static final int COPY_BYTES = Unread.LEAST_BYTES;

  static final String JSON = "application/json; charset=utf-8";

  private final Exchange exchange;
  private final ShapeRequest request;
  private final Shape shape;
  private final ShapeEndpoint endpoint;

  ShapeAnswer(Exchange exchange, ShapeRequest request, Shape shape, ShapeEndpoint endpoint) {
    this.exchange = exchange;
    this.request = request;
    this.shape = shape;
    this.endpoint = endpoint;
  }

  Exchange exchange() {
    return exchange;
  }

  ShapeRequest request() {
    return request;
  }

  Shape shape() {
    return shape;
  }

  ShapeEndpoint endpoint() {
    return endpoint;
  }

  /** Runs a step of the answer; an error in it ends this answer and no other. */
  void step(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      endpoint.errors().send(exchange, e);
    }
  }

  /** What identifies the answer that ends at {@code end}. */
  String etag(Offset end) {
    return "\"%s:%s:%s\"".formatted(shape.handle(), asked(), end);
  }

  /** The same, but never equal to another: nothing changed, and a cache must not repeat that. */
  private String uniqueEtag(Offset end) {
    return "\"%s:%s:%s:%d\"".formatted(shape.handle(), asked(), end, System.nanoTime());
  }

  private String asked() {
    return request.offset().map(Offset::toString).orElse("now");
  }

  /** Whether the client has the answer that ends at {@code end} already. */
  boolean isKnown(Offset end) {
    String sent = exchange.requestHeaders().get(HttpHeaderNames.IF_NONE_MATCH);
    if (sent == null) {
      return false;
    }
    String wanted = etag(end).replace("\"", "");
    return Arrays.stream(sent.split(",", -1))
        .map(tag -> tag.strip().replace("W/", "").replace("\"", ""))
        .anyMatch(wanted::equals);
  }

  /** Answers that the client has it already. */
  void sendNotModified(Offset end, boolean isUpToDate) {
    HttpHeaders headers = headers(end, true, isUpToDate);
    headers.remove("electric-schema");
    exchange.send(304, headers, Unpooled.EMPTY_BUFFER);
  }

  /** Has the answer counted as one that waits for changes, until it is over. */
  void countLive(Traffic.LiveKind kind) {
    endpoint.traffic().liveBegan(kind);
    exchange.whenOver(() -> endpoint.traffic().liveEnded(kind));
  }

  /** Ends an answer that waits when the token of its user does; {@code waiter} waits no more. */
  void endWithToken(Waiters.Waiter waiter) {
    exchange
        .principal()
        .ifPresent(user ->
            exchange.schedule(
                () -> {
                  shape.waiters().remove(waiter);
                  endpoint.endExpired(exchange);
                },
                endpoint.millisLeft(user)));
  }

  /** The headers of a good answer that ends at {@code end}. */
  HttpHeaders headers(Offset end, boolean hasData, boolean isUpToDate) {
    HttpHeaders headers = Cors.headers(exchange, Cors.SHAPE_METHODS);
    headers.set(HttpHeaderNames.CONTENT_TYPE, JSON);
    headers.set("electric-handle", shape.handle().text());
    headers.set("electric-offset", end.toString());
    headers.set("electric-has-data", hasData ? "true" : "false");
    if (!request.isLive()) {
      headers.set("electric-schema", SchemaHeader.of(shape.definition()));
    }
    if (isUpToDate) {
      headers.set("electric-up-to-date", "");
    }
    headers.set(HttpHeaderNames.ETAG, hasData ? etag(end) : uniqueEtag(end));
    headers.set(
        HttpHeaderNames.CACHE_CONTROL,
        CacheControl.of(exchange.method(), request, endpoint.settings()));
    return headers;
  }

  /**
   * Sends an array of the messages of {@code slice}, with an up-to-date if it reaches the end.
   *
   * @param seen the position that the up-to-date names
   */
  void send(LogSlice slice, Lsn seen) {
    boolean hasData = !slice.isEmpty();
    HttpHeaders headers = headers(slice.end(), hasData, slice.reachesEnd());
    String upToDate = slice.reachesEnd() ? upToDate(seen) : "";
    String tail = (hasData && !upToDate.isEmpty() ? "," : "") + upToDate + "]";
    // The first message's comma becomes the bracket.
    long length = hasData ? slice.place().length() : 1;
    exchange.begin(200, headers, length + tail.length());
    endpoint.traffic().sentMessages(slice.messages());
    write("[", slice.place(), tail);
  }

  /** Sends the headers of an answer with rows of a subset (protocol section 9). */
  void beginSubset(Offset end, long length) {
    HttpHeaders headers = Cors.headers(exchange, Cors.SHAPE_METHODS);
    headers.set(HttpHeaderNames.CONTENT_TYPE, JSON);
    headers.set("electric-handle", shape.handle().text());
    headers.set("electric-offset", end.toString());
    headers.set("electric-schema", SchemaHeader.of(shape.definition()));
    headers.set("electric-snapshot", "true");
    headers.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.NO_CACHE);
    exchange.begin(200, headers, length);
  }

  /** Writes messages between two texts and finishes; the comma of the first is left out. */
  void write(String head, LogSlice.Place messages, String tail) {
    ByteBuf text = Unpooled.buffer(256).writeBytes(ascii(head));
    if (messages.length() > 0) {
      text = write(messages.withoutFirst(), text);
    }
    exchange.write(text.writeBytes(ascii(tail)));
    exchange.finish();
  }

  /** Writes what stands at {@code place} after {@code before}; what it returns follows. */
  private ByteBuf write(LogSlice.Place place, ByteBuf before) {
    if (place instanceof LogSlice.Place.Tail small && small.length() <= COPY_BYTES) {
      return copy(small, before);
    }
    exchange.write(before);
    switch (place) {
      case LogSlice.Place.Array(byte[] array, int start, long length) ->
          exchange.write(Unpooled.wrappedBuffer(array, start, (int) length));
      case LogSlice.Place.File(var file, long start, long length) ->
          exchange.write(file, start, length);
      case LogSlice.Place.Tail messages -> exchange.write(messages);
    }
    return Unpooled.buffer(256);
  }

  private static ByteBuf copy(LogSlice.Place.Tail small, ByteBuf before) {
    int length = (int) small.length();
    before.ensureWritable(length);
    small.read(before.internalNioBuffer(before.writerIndex(), length));
    return before.writerIndex(before.writerIndex() + length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The control message that the client has everything (protocol section 5.4). */
  static String upToDate(Lsn seen) {
    return "{\"headers\":{\"control\":\"up-to-date\",\"global_last_seen_lsn\":\"%s\"}}"
        .formatted(seen.decimal());
  }
}
