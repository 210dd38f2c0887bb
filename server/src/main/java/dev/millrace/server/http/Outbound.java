package dev.millrace.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of an answer to its client: hands on in pieces what the client has room for and holds the
 * rest. Held are references to shared bytes and places in files; the channel has at most its write
 * buffer and one piece. A client that takes nothing for long is given up. Belongs to the event loop
 * of its channel.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
final class Outbound {

  private static final Logger log = LoggerFactory.getLogger(Outbound.class);

  /**
   * How a kind of connection takes an answer.
   *
   * @param isFileByKernel whether the kernel can copy files to the socket
   * @param pieceBytes what is handed on at once
   * @param patience how long a client may take nothing of what is there for it
   */
  record Manner(boolean isFileByKernel, int pieceBytes, Duration patience) {}

  private final ChannelHandlerContext context;
  private final Manner manner;
  private final Deque<Part> parts = new ArrayDeque<>(1);
  private final ChannelFutureListener whenWritten = this::written;
  private @Nullable Runnable whenSent;

  /** Whether pieces are framed one by one, which hides how much of a piece has been taken. */
  private boolean isFramed;

  private int unfinishedWrites;
  private long lastProgressNanos;
  private boolean isWatched;

  Outbound(ChannelHandlerContext context, Manner manner) {
    this.context = context;
    this.manner = manner;
  }

  /** A part of a body, on its way out piece by piece. */
  private sealed interface Part {

    /** Hands on the next piece; true if it was the last. */
    boolean writePiece() throws IOException;

    void release();
  }

  /** Bytes in memory. */
  private final class Bytes implements Part {

    private final ByteBuf bytes;

    Bytes(ByteBuf bytes) {
      this.bytes = bytes;
    }

    @Override
    public boolean writePiece() {
      boolean isLast = bytes.readableBytes() <= manner.pieceBytes();
      put(new DefaultHttpContent(isLast ? bytes : bytes.readRetainedSlice(manner.pieceBytes())));
      return isLast;
    }

    @Override
    public void release() {
      bytes.release();
    }
  }

  /** A place in a file, copied by the kernel. */
  private final class Region implements Part {

    private final Path file;
    private long position;
    private final long end;

    Region(Path file, long start, long length) {
      this.file = file;
      this.position = start;
      this.end = start + length;
    }

    @Override
    public boolean writePiece() {
      long length = isFramed ? Math.min(manner.pieceBytes(), end - position) : end - position;
      started();
      ChannelProgressivePromise promise = context.newProgressivePromise();
      context.write(
          new DefaultFileRegion(file.toFile(), position, length),
          promise.addListener(new Progress()));
      position += length;
      return position == end;
    }

    @Override
    public void release() {
      // Opened by the kernel's copy, not before.
    }
  }

  /** A place in a file, read by us. */
  private final class Reading implements Part {

    private final Path file;
    private long position;
    private final long end;
    private @Nullable FileChannel channel;

    Reading(Path file, long start, long length) {
      this.file = file;
      this.position = start;
      this.end = start + length;
    }

    @Override
    public boolean writePiece() throws IOException {
      if (channel == null) {
        channel = FileChannel.open(file, StandardOpenOption.READ);
      }
      int length = (int) Math.min(manner.pieceBytes(), end - position);
      put(new DefaultHttpContent(read(channel, length)));
      position += length;
      if (position < end) {
        return false;
      }
      release();
      return true;
    }

    private ByteBuf read(FileChannel from, int length) throws IOException {
      ByteBuf piece = context.alloc().directBuffer(length);
      while (piece.readableBytes() < length) {
        int missing = length - piece.readableBytes();
        if (piece.writeBytes(from, position + piece.readableBytes(), missing) < 0) {
          piece.release();
          throw new IOException(file + " ends before " + end);
        }
      }
      return piece;
    }

    @Override
    public void release() {
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException e) {
        log.warn("cannot close {}", file, e);
      }
    }
  }

  /** Notes what the client has taken. */
  private final class Progress implements ChannelProgressiveFutureListener {

    @Override
    public void operationProgressed(ChannelProgressiveFuture future, long sent, long total) {
      lastProgressNanos = System.nanoTime();
    }

    @Override
    public void operationComplete(ChannelProgressiveFuture future) {
      written(future);
    }
  }

  /** Whether more would be handed on at once. */
  boolean hasRoom() {
    return parts.isEmpty() && context.channel().isWritable();
  }

  /** The length of the body is not known yet. */
  void isFramed() {
    isFramed = true;
  }

  /** Writes without more ado: a head, or an answer so small that it needs none. */
  ChannelFuture put(HttpObject message) {
    started();
    return context.write(message).addListener(whenWritten);
  }

  /** Takes over {@code part}. */
  void add(ByteBuf part) {
    if (hasRoom() && part.readableBytes() <= manner.pieceBytes()) {
      put(new DefaultHttpContent(part));
    } else {
      add(new Bytes(part));
    }
  }

  void add(Path file, long start, long length) {
    add(
        manner.isFileByKernel()
            ? new Region(file, start, length)
            : new Reading(file, start, length));
  }

  private void add(Part part) {
    parts.add(part);
    pump();
  }

  /** Nothing more will be added; {@code whenSent} runs when the client has it all. */
  void end(Runnable whenSent) {
    this.whenSent = whenSent;
    pump();
    flush();
  }

  /** There is room in the channel again. */
  void goOn() {
    pump();
    flush();
  }

  private void pump() {
    try {
      while (!parts.isEmpty() && context.channel().isWritable()) {
        if (parts.element().writePiece()) {
          parts.remove();
        }
      }
    } catch (IOException e) {
      log.error("breaking off an answer", e);
      context.close();
      return;
    }
    if (parts.isEmpty() && whenSent != null) {
      Runnable told = whenSent;
      whenSent = null;
      put(LastHttpContent.EMPTY_LAST_CONTENT).addListener(future -> told.run());
    }
  }

  /** Sends what was handed on. */
  void flush() {
    context.flush();
    watch(manner.patience().toNanos());
  }

  /** Lets go of what was not handed on. */
  void release() {
    whenSent = null;
    parts.forEach(Part::release);
    parts.clear();
  }

  private void started() {
    if (unfinishedWrites == 0) {
      lastProgressNanos = System.nanoTime();
    }
    unfinishedWrites++;
  }

  private void written(io.netty.util.concurrent.Future<?> write) {
    unfinishedWrites--;
    lastProgressNanos = System.nanoTime();
    if (!write.isSuccess()) {
      context.close();
    }
  }

  private void watch(long nanos) {
    if (unfinishedWrites > 0 && !isWatched && context.channel().isActive()) {
      isWatched = true;
      context.executor().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void look() {
    isWatched = false;
    long left = manner.patience().toNanos() - (System.nanoTime() - lastProgressNanos);
    if (unfinishedWrites > 0 && left <= 0) {
      log.debug("giving up a client that reads nothing");
      context.close();
    } else {
      watch(left);
    }
  }
}
