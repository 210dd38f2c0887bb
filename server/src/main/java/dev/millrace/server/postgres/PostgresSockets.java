package dev.millrace.server.postgres;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.util.Map;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;

/**
 * Makes the sockets of all connections to Postgres. The kernel gives up a peer that has vanished
 * without a word after half a minute, where its own default is two hours; and a socket made while
 * {@link #HEARING} is bound notes there that it hears something.
 *
 * <p>Public because the driver makes it, by its name.
 */
public final class PostgresSockets extends SocketFactory {

  /** Bound around the making of a connection, on the thread that makes it. */
  static final ScopedValue<Hearing> HEARING = ScopedValue.newInstance();

  private static final Map<SocketOption<Integer>, Integer> KEEP_ALIVE =
      Map.of(
          ExtendedSocketOptions.TCP_KEEPIDLE, 15,
          ExtendedSocketOptions.TCP_KEEPINTERVAL, 5,
          ExtendedSocketOptions.TCP_KEEPCOUNT, 3);

  @Override
  public Socket createSocket() throws IOException {
    Socket socket = HEARING.isBound() ? new HeardSocket(HEARING.get()) : new Socket();
    for (Map.Entry<SocketOption<Integer>, Integer> option : KEEP_ALIVE.entrySet()) {
      if (socket.supportedOptions().contains(option.getKey())) {
        socket.setOption(option.getKey(), option.getValue());
      }
    }
    return socket;
  }

  // The driver connects by itself; these complete the contract.

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return new Socket(host, port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    return new Socket(host, port, local, localPort);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return new Socket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    return new Socket(host, port, local, localPort);
  }

  private static final class HeardSocket extends Socket {

    private final Hearing hearing;

    HeardSocket(Hearing hearing) {
      this.hearing = hearing;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      HeardStream stream = new HeardStream(super.getInputStream());
      hearing.listenTo(stream);
      return stream;
    }

    private final class HeardStream extends FilterInputStream implements Hearing.Source {

      /** A byte that came while somebody waited, or -1. */
      private int ahead = -1;

      HeardStream(InputStream in) {
        super(in);
      }

      @Override
      public void await(int millis) throws IOException {
        if (ahead >= 0 || in.available() > 0) {
          return;
        }
        int usual = getSoTimeout();
        setSoTimeout(millis);
        try {
          ahead = in.read();
          hearing.heard();
        } catch (SocketTimeoutException e) {
          // Nothing came.
        } finally {
          setSoTimeout(usual);
        }
      }

      @Override
      public int available() throws IOException {
        return in.available() + (ahead < 0 ? 0 : 1);
      }

      @Override
      public int read() throws IOException {
        int read = ahead;
        ahead = -1;
        if (read < 0) {
          read = in.read();
          hearing.heard();
        }
        return read;
      }

      @Override
      public int read(byte[] target, int start, int length) throws IOException {
        if (length > 0 && ahead >= 0) {
          target[start] = (byte) read();
          // What else is there comes with the next call.
          return 1;
        }
        int read = in.read(target, start, length);
        hearing.heard();
        return read;
      }
    }
  }
}
