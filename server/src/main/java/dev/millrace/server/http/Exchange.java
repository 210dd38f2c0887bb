package dev.millrace.server.http;

import dev.millrace.server.auth.Principal;
import dev.millrace.server.shape.LogSlice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request while it is being answered. Its methods run on the connection's event loop, {@link
 * #loop}; an exchange whose client has gone accepts everything and does nothing.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class Exchange {

  /** Told when an answer can go on, or never will. */
  interface Listener {

    /** There is room in the connection's buffer again. */
    void writable();

    /** The client has gone: let go of everything. */
    void closed();
  }

  /** The connection that an exchange is part of. */
  interface Owner {

    /** The answer has been sent whole: it is the turn of the next request. */
    void answered();
  }

  /** Larger bodies go out in pieces. */
  private static final int WHOLE_BYTES = 64 << 10;

  private final ChannelHandlerContext context;
  private final Outbound outbound;
  private final Owner owner;
  private final String method;
  private final HttpHeaders requestHeaders;
  private final byte[] body;
  private Optional<Principal> principal;
  private final boolean isLast;
  private final boolean isHttp10;
  private final String requestId;

  private final List<Future<?>> timers = new ArrayList<>(2);
  private final HttpHeaders added = new DefaultHttpHeaders();
  private final List<Runnable> endings = new ArrayList<>(2);
  private @Nullable Traffic traffic;
  private @Nullable Listener listener;
  private boolean isBegun;
  private boolean isDone;

  /**
   * Takes over {@code body}.
   *
   * @param mustClose whether the connection ends with the answer even if the client would go on
   */
  Exchange(
      ChannelHandlerContext context,
      Outbound.Manner manner,
      HttpRequest request,
      byte[] body,
      Optional<Principal> principal,
      String requestId,
      boolean mustClose,
      Owner owner) {
    this.context = context;
    this.outbound = new Outbound(context, manner, this::connectionWritable);
    this.owner = owner;
    this.method = request.method().name();
    this.requestHeaders = request.headers();
    this.body = body;
    this.principal = principal;
    this.requestId = requestId;
    this.isHttp10 = !request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    this.isLast = mustClose || isHttp10 || !HttpUtil.isKeepAlive(request);
  }

  String method() {
    return method;
  }

  HttpHeaders requestHeaders() {
    return requestHeaders;
  }

  /** The body of a POST, empty if there is none; shared, not to be changed. */
  byte[] body() {
    return body;
  }

  /** Who sends the request, on paths that ask. */
  Optional<Principal> principal() {
    return principal;
  }

  /** It has turned out who sends the request: the answer is for nobody else. */
  void isFrom(Principal sender) {
    principal = Optional.of(sender);
  }

  /** What the request is called in logs and in its answer. */
  String requestId() {
    return requestId;
  }

  /** Whether the connection ends with the answer. */
  boolean isLast() {
    return isLast;
  }

  /** Has the answer counted. */
  void countIn(Traffic counts) {
    traffic = counts;
  }

  private void countAnswer(int status) {
    if (traffic != null) {
      traffic.answered(status);
    }
  }

  private void countBytes(long bytes) {
    if (traffic != null) {
      traffic.sentBytes(bytes);
    }
  }

  /** Adds a header to whatever the answer will be. */
  void addHeader(String name, String value) {
    added.set(name, value);
  }

  /**
   * Runs {@code task} once, when the last byte of the answer has left for the client or never will.
   */
  void whenOver(Runnable task) {
    if (isDone) {
      task.run();
    } else {
      endings.add(task);
    }
  }

  private void runEndings() {
    List<Runnable> due = List.copyOf(endings);
    endings.clear();
    due.forEach(Runnable::run);
  }

  Executor loop() {
    return context.executor();
  }

  /** Runs {@code task} after that time, unless the exchange is over before. */
  void schedule(Runnable task, long millis) {
    if (isDone) {
      return;
    }
    timers.removeIf(Future::isDone);
    timers.add(context.executor().schedule(task, millis, TimeUnit.MILLISECONDS));
  }

  /** Who is told of the connection from now on. */
  void listen(Listener listener) {
    this.listener = listener;
  }

  /** Whether nothing more can be sent: the answer is complete or the client has gone. */
  boolean isDone() {
    return isDone;
  }

  /** Whether a status line has been sent. */
  boolean isBegun() {
    return isBegun;
  }

  /** Whether the client has taken what was sent, so far that more makes sense. */
  boolean isWritable() {
    return outbound.room() > 0;
  }

  /** How many bytes can be written now without more than a fair share of the memory. */
  int room() {
    return outbound.room();
  }

  /** Sends a whole answer of text. */
  void send(int status, HttpHeaders headers, String body) {
    send(status, headers, Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
  }

  /** Sends a whole answer; takes over {@code body}. */
  void send(int status, HttpHeaders headers, ByteBuf body) {
    if (isDone) {
      body.release();
      return;
    }
    int length = body.readableBytes();
    if (length > WHOLE_BYTES) {
      begin(status, headers, length);
      write(body);
      finish();
      return;
    }
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            isHead() ? Unpooled.EMPTY_BUFFER : body);
    countAnswer(status);
    if (isHead()) {
      body.release();
    } else {
      countBytes(length);
    }
    response.headers().set(headers);
    if (status != 304 && status != 204) {
      HttpUtil.setContentLength(response, length);
    }
    complete(response.headers());
    isBegun = true;
    over();
    outbound.put(response).addListener(sent -> answered());
    outbound.flush();
  }

  private boolean isHead() {
    return method.equals("HEAD");
  }

  private void complete(HttpHeaders headers) {
    headers.set("electric-server", HttpServer.SERVER_NAME);
    headers.set("x-request-id", requestId);
    headers.add(added);
    if (principal.isPresent()) {
      CacheControl.makePrivate(headers);
    }
    if (isLast) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  /**
   * Begins an answer whose body follows in parts. The answer to HEAD is complete with that.
   *
   * @param length its length in bytes, or -1 if that is not known yet
   */
  void begin(int status, HttpHeaders headers, long length) {
    if (isDone) {
      return;
    }
    var response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    response.headers().set(headers);
    if (length >= 0) {
      HttpUtil.setContentLength(response, length);
    } else if (!isHttp10) {
      outbound.isFramed();
      HttpUtil.setTransferEncodingChunked(response, true);
    }
    complete(response.headers());
    countAnswer(status);
    isBegun = true;
    outbound.put(response);
    if (isHead()) {
      finish();
    }
  }

  /** Adds to the body; takes over {@code part}. */
  void write(ByteBuf part) {
    if (isDone) {
      part.release();
    } else {
      countBytes(part.readableBytes());
      outbound.add(part);
    }
  }

  /** Adds bytes of a file to the body, by the kernel where it can. */
  void write(Path file, long start, long length) {
    if (!isDone && length > 0) {
      countBytes(length);
      outbound.add(file, start, length);
    }
  }

  /** Adds messages to the body. */
  void write(LogSlice.Place.Tail messages) {
    if (!isDone) {
      countBytes(messages.length());
      outbound.add(messages);
    }
  }

  void flush() {
    if (!isDone) {
      outbound.flush();
    }
  }

  /** The body is complete. */
  void finish() {
    if (!isDone) {
      over();
      outbound.end(this::answered);
    }
  }

  /** Breaks the answer off, so that the client cannot take it for whole. */
  void abort() {
    if (!isDone) {
      over();
      context.close();
    }
  }

  private void answered() {
    runEndings();
    owner.answered();
  }

  private void over() {
    isDone = true;
    listener = null;
    timers.forEach(timer -> timer.cancel(false));
    timers.clear();
  }

  void connectionWritable() {
    outbound.goOn();
    if (listener != null && outbound.room() > 0) {
      listener.writable();
    }
  }

  void connectionClosed() {
    outbound.release();
    Listener told = listener;
    over();
    if (told != null) {
      told.closed();
    }
    runEndings();
  }
}
