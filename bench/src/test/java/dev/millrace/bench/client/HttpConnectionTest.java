package dev.millrace.bench.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class HttpConnectionTest {

  /** A server that says its lines to the first who comes, whatever is asked. */
  private static ServerSocket server(String answers) throws IOException {
    ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(() -> {
          try (Socket socket = listener.accept()) {
            socket.getOutputStream().write(answers.getBytes(US_ASCII));
            socket.getInputStream().readAllBytes();
          } catch (IOException e) {
            // The test is over.
          }
        });
    return listener;
  }

  private static String read(HttpConnection connection) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    connection.read("/", body::write);
    return body.toString(US_ASCII);
  }

  @Test
  void bodiesOfBothFramingsAreReadOneAfterAnother() throws IOException {
    String answers =
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"
            + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n"
            + "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nthird";
    try (ServerSocket listener = server(answers);
        HttpConnection connection = HttpConnection.open(listener.getLocalPort())) {

      assertThat(read(connection)).isEqualTo("first");
      assertThat(read(connection)).isEqualTo("second");
      assertThat(read(connection)).isEqualTo("third");
      assertThat(connection.bodyBytes()).isEqualTo(16);
    }
  }

  @Test
  void anErrorSaysWhatTheServerSaid() throws IOException {
    String answer = "HTTP/1.1 503 Unavailable\r\nContent-Length: 5\r\n\r\nlater";
    try (ServerSocket listener = server(answer);
        HttpConnection connection = HttpConnection.open(listener.getLocalPort())) {

      assertThatThrownBy(() -> read(connection)).hasMessage("GET /: 503 later");
    }
  }
}
