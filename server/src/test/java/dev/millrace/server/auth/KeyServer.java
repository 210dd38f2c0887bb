package dev.millrace.server.auth;

import com.nimbusds.jose.jwk.JWKSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Publishes keys, or whatever else it is told to answer, and counts who asks. */
final class KeyServer implements AutoCloseable {

  private final HttpServer server;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile int status = 200;
  private volatile byte[] body = {};

  KeyServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/keys", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.incrementAndGet();
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  URI address() {
    return URI.create("http://127.0.0.1:%d/keys".formatted(server.getAddress().getPort()));
  }

  void publish(Signer... signers) {
    JWKSet keys = new JWKSet(Arrays.stream(signers).map(Signer::jwk).toList());
    publish(keys.toString());
  }

  void publish(String document) {
    body = document.getBytes(StandardCharsets.UTF_8);
    status = 200;
  }

  void fail() {
    status = 500;
  }

  int asked() {
    return asked.get();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
