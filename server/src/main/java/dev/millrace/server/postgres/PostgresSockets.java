package dev.millrace.server.postgres;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketOption;
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
      hearing.listen();
      return new HeardStream(super.getInputStream(), hearing);
    }
  }

  private static final class HeardStream extends FilterInputStream {

    private final Hearing hearing;

    HeardStream(InputStream in, Hearing hearing) {
      super(in);
      this.hearing = hearing;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      hearing.heard();
      return read;
    }

    @Override
    public int read(byte[] target, int start, int length) throws IOException {
      int read = super.read(target, start, length);
      hearing.heard();
      return read;
    }
  }
}
