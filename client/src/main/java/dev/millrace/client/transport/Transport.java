package dev.millrace.client.transport;

import java.util.concurrent.Executor;

/**
 * Sends HTTP requests; on a JVM a {@link JdkTransport}. Certificates, proxies and pooling are its
 * own business; redirects are not followed, since a token must not go elsewhere.
 *
 * <p>May be called from any thread.
 */
public interface Transport extends AutoCloseable {

  /**
   * Sends a request and returns at once. What comes of it is told to the listener on {@code
   * executor}, one call after the other; the next piece of a body is read when the last call has
   * returned, so that a slow listener slows the server rather than filling the memory.
   */
  Exchange send(HttpCall call, Listener listener, Executor executor);

  /** A request under way. */
  @FunctionalInterface
  interface Exchange {

    /** Gives it up; nothing more is told once this has returned on the listener's executor. */
    void cancel();
  }

  /** Hears what comes of a request: a head, pieces of the body, then an end; or a failure. */
  interface Listener {

    /** Status and headers are there. */
    void onHead(HttpHead head);

    /** A piece of the body; the array is the listener's. */
    void onBody(byte[] piece);

    /** The body is whole. */
    void onEnd();

    /** The way broke, before or after the head; nothing follows. */
    void onFailure(String reason);
  }

  /** Gives up what is under way. */
  @Override
  void close();
}
