package dev.millrace.server.http;

import dev.millrace.server.shape.LogSlice;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
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
 * The way of an answer to its client: hands on in pieces what the client has room for. Of the rest
 * it holds the places, in files and logs; what it holds in memory, the channel's buffer included,
 * is at most what {@link Unread} allows, and the bytes it was given in one piece. A client that
 * takes nothing for long is given up. Belongs to the event loop of its channel.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
final class Outbound {

  private static final Logger log = LoggerFactory.getLogger(Outbound.class);

  /**
   * How a kind of connection takes an answer.
   *
   * @param isFileByKernel whether the kernel can copy files to the socket
   * @param pieceBytes what is handed on at once
   * @param bufferBytes how much a client may leave unread
   * @param patience how long a client may take nothing of what is there for it
   * @param unread what all clients together leave unread
   */
  record Manner(
      boolean isFileByKernel, int pieceBytes, int bufferBytes, Duration patience, Unread unread) {}

  private final ChannelHandlerContext context;
  private final Manner manner;
  private final Deque<Part> parts = new ArrayDeque<>(1);
  private final Runnable whenRoom;
  private @Nullable Runnable whenSent;

  /** Whether pieces are framed one by one, which hides how much of a piece has been taken. */
  private boolean isFramed;

  private int unfinishedWrites;

  /** Bytes handed on that the client has not taken. */
  private int inChannel;

  /** Whether somebody was told that there is no room. */
  private boolean isRoomWanted;

  private long lastProgressNanos;
  private boolean isWatched;

  /**
   * @param whenRoom told when there is room after there was none
   */
  Outbound(ChannelHandlerContext context, Manner manner, Runnable whenRoom) {
    this.context = context;
    this.manner = manner;
    this.whenRoom = whenRoom;
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
      int length = piece(bytes.readableBytes());
      boolean isLast = length == bytes.readableBytes();
      manner.unread().remove(length);
      put(new DefaultHttpContent(isLast ? bytes : bytes.readRetainedSlice(length)));
      return isLast;
    }

    @Override
    public void release() {
      manner.unread().remove(bytes.readableBytes());
      bytes.release();
    }
  }

  /** Messages of a log. */
  private final class Messages implements Part {

    private LogSlice.Place.Tail rest;

    Messages(LogSlice.Place.Tail all) {
      rest = all;
    }

    @Override
    public boolean writePiece() {
      int length = piece(rest.length());
      ByteBuf piece = context.alloc().directBuffer(length);
      try {
        rest = rest.read(piece.internalNioBuffer(0, length));
      } catch (RuntimeException e) {
        piece.release();
        throw e;
      }
      put(new DefaultHttpContent(piece.writerIndex(length)));
      return rest.length() == 0;
    }

    @Override
    public void release() {
      // Nothing is held.
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
      // In the kernel it takes none of our memory.
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
      int length = piece(end - position);
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

  /**
   * How many bytes can be added now, 0 or not very few. Who is told that there is no room, is told
   * when there is.
   */
  int room() {
    int room = parts.isEmpty() && isTakingMore() ? allowance() - inChannel : 0;
    if (room < Unread.LEAST_BYTES && inChannel > 0) {
      isRoomWanted = true;
      return 0;
    }
    return room;
  }

  /** Whether the channel should be handed more: it holds nothing, or less than it may. */
  private boolean isTakingMore() {
    boolean isTaking =
        context.channel().isWritable() && (inChannel == 0 || inChannel < allowance());
    isRoomWanted |= !isTaking;
    return isTaking;
  }

  private int allowance() {
    return manner.unread().allowance(manner.bufferBytes());
  }

  /** How much is handed on next of {@code left} bytes. */
  private int piece(long left) {
    return (int) Math.min(left, Math.min(manner.pieceBytes(), allowance()));
  }

  /** The length of the body is not known yet. */
  void isFramed() {
    isFramed = true;
  }

  /** Writes without more ado: a head, a piece, or an answer so small that it is one. */
  ChannelFuture put(HttpObject message) {
    int length = message instanceof HttpContent content ? content.content().readableBytes() : 0;
    inChannel += length;
    manner.unread().add(length);
    started();
    return context
        .write(message)
        .addListener(write -> {
          inChannel -= length;
          manner.unread().remove(length);
          written(write);
          offerRoom();
        });
  }

  /** Goes on in a task of its own: this one may be in the middle of writing. */
  private void offerRoom() {
    if (isRoomWanted && inChannel <= allowance() / 2) {
      isRoomWanted = false;
      context.executor().execute(whenRoom);
    }
  }

  /** Takes over {@code part}. */
  void add(ByteBuf part) {
    if (parts.isEmpty() && isTakingMore() && part.readableBytes() <= piece(Integer.MAX_VALUE)) {
      put(new DefaultHttpContent(part));
    } else {
      manner.unread().add(part.readableBytes());
      add(new Bytes(part));
    }
  }

  void add(LogSlice.Place.Tail messages) {
    add(new Messages(messages));
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

  /** The channel may have room again. */
  void goOn() {
    pump();
    flush();
  }

  private void pump() {
    try {
      while (!parts.isEmpty() && isTakingMore()) {
        if (parts.element().writePiece()) {
          parts.remove();
        }
      }
    } catch (IOException | RuntimeException e) {
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
