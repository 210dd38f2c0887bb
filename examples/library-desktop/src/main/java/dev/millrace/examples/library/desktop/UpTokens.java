package dev.millrace.examples.library.desktop;

import dev.millrace.client.TokenSupplier;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;

/**
 * A user's tokens of a running {@code ./millrace up}.
 *
 * @param server scheme, host and port
 */
record UpTokens(HttpClient http, URI server, String user) implements TokenSupplier {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Override
  public Optional<String> token(boolean isRefresh) throws IOException, InterruptedException {
    URI address = server.resolve("/dev/token?user=" + user);
    HttpRequest request =
        HttpRequest.newBuilder(address).timeout(LIMIT).POST(BodyPublishers.noBody()).build();
    HttpResponse<String> answer = send(request);
    if (answer.statusCode() != 200) {
      throw new IOException(
          "%s signs no tokens for the example's users, as ./millrace up does (HTTP %d)"
              .formatted(server, answer.statusCode()));
    }
    return Optional.of(answer.body().strip());
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (ConnectException e) {
      throw new IOException(server + " cannot be reached", e);
    }
  }
}
