package dev.millrace.bench.client;

import dev.millrace.protocol.Offset;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client that follows a shape on a thread of its own, by long poll or by server-sent events. It
 * uses one connection and asks again at once whenever an answer ends.
 */
public final class LiveClient implements AutoCloseable {
  private final HttpConnection connection;
  private final ShapeAddress address;
  private final LiveMode mode;
  private final String handle;
  private final LogMessages messages;
  private final Thread thread;

  private Offset offset;
  private volatile long answers;
  private volatile boolean closed;
  private volatile @Nullable IOException failure;

  private LiveClient(
      HttpConnection connection,
      ShapeAddress address,
      LiveMode mode,
      ShapePosition start,
      RowListener listener) {
    this.connection = connection;
    this.address = address;
    this.mode = mode;
    this.handle = start.handle();
    this.offset = start.offset();
    this.messages = new LogMessages(listener, start.offset());
    this.thread = Thread.ofPlatform().daemon().name("live-" + mode.label()).unstarted(this::run);
  }

  /** Begins to follow from a position on. */
  public static LiveClient follow(
      int port, ShapeAddress address, LiveMode mode, ShapePosition start, RowListener listener)
      throws IOException {
    LiveClient client = new LiveClient(HttpConnection.open(port), address, mode, start, listener);
    client.thread.start();
    return client;
  }

  public LiveMode mode() {
    return mode;
  }

  /** How many answers have ended. */
  public long answers() {
    return answers;
  }

  /** Why it follows no more, if it has failed. */
  public Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  private void run() {
    String cursor = "";
    try {
      while (!closed) {
        ResponseHead head = connection.begin(address.live(mode, handle, offset, cursor));
        connection.readBody(messages);
        cursor = head.required("electric-cursor");
        // An event stream goes on after its headers were sent; only its messages tell how far.
        offset = mode == LiveMode.LONG_POLL ? head.offset() : messages.position();
        long ended = answers + 1;
        answers = ended;
      }
    } catch (IOException e) {
      if (!closed) {
        failure = e;
      }
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    connection.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
