package dev.millrace.examples.library.desktop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UpTokensTest {

  private final HttpClient http = HttpClient.newHttpClient();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    http.close();
  }

  private UpTokens tokens() {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return new UpTokens(http, address, "ada");
  }

  @Test
  void upIsAskedForTheUsersToken() throws Exception {
    server.createContext(
        "/dev/token",
        exchange -> {
          String asked = exchange.getRequestMethod() + " " + exchange.getRequestURI();
          byte[] answer = (asked + "\n").getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });

    assertThat(tokens().token(false)).contains("POST /dev/token?user=ada");
  }

  @Test
  void anotherServerAndNoServerAreToldApart() throws Exception {
    UpTokens tokens = tokens();

    assertThatThrownBy(() -> tokens.token(false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("signs no tokens")
        .hasMessageContaining("HTTP 404");
    server.stop(0);
    assertThatThrownBy(() -> tokens.token(false)).hasMessageContaining("cannot be reached");
  }
}
