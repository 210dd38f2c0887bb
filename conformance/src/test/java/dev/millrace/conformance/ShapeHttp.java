package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Plain requests to one server. Parameters and headers are names with their values in turn. */
final class ShapeHttp implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  private final HttpClient http;
  private final URI server;
  private final List<String> always;

  ShapeHttp(URI server) {
    this(server, HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
  }

  /** The client is closed with this. */
  ShapeHttp(URI server, HttpClient http) {
    this(server, http, List.of());
  }

  private ShapeHttp(URI server, HttpClient http, List<String> always) {
    this.server = server;
    this.http = http;
    this.always = always;
  }

  /** The same with these headers in each request; closed with this. */
  ShapeHttp with(String... headers) {
    return new ShapeHttp(server, http, List.of(headers));
  }

  /** The requests of a user with a good token. */
  ShapeHttp as(String subject) {
    return with("authorization", Tokens.OURS.bearer(subject));
  }

  /** An answer that has come to its end. */
  record Answer(int status, Map<String, List<String>> headers, String body) {
    boolean has(String header) {
      return headers.containsKey(header);
    }

    /** Empty where there is none. */
    String header(String name) {
      return String.join("; ", headers.getOrDefault(name, List.of()));
    }

    /** Those that do not differ from answer to answer. */
    Map<String, List<String>> steadyHeaders() {
      Map<String, List<String>> steady = new TreeMap<>(headers);
      steady.keySet().removeAll(Set.of("x-request-id", "date"));
      return steady;
    }

    String handle() {
      return header("electric-handle");
    }

    String offset() {
      return header("electric-offset");
    }

    boolean isUpToDate() {
      return has("electric-up-to-date");
    }

    List<Message> messages() {
      return Json.list(Json.parse(body)).stream().map(Json::object).map(Message::new).toList();
    }

    /** The rows of a subset. */
    List<Message> subsetRows() {
      return Json.list(Json.object(Json.parse(body)).get("data")).stream()
          .map(Json::object)
          .map(Message::new)
          .toList();
    }

    /** What a subset's snapshot saw. */
    Map<String, @Nullable Object> metadata() {
      return Json.object(Json.object(Json.parse(body)).get("metadata"));
    }

    /** The messages on rows. */
    List<Message> changes() {
      return messages().stream().filter(message -> message.json().containsKey("key")).toList();
    }
  }

  /** One message as it came. */
  record Message(Map<String, @Nullable Object> json) {
    Map<String, @Nullable Object> headers() {
      return Json.object(json.get("headers"));
    }

    @Nullable Object header(String name) {
      return headers().get(name);
    }

    String key() {
      return String.valueOf(json.get("key"));
    }

    String operation() {
      return String.valueOf(header("operation"));
    }

    Map<String, @Nullable Object> value() {
      return Json.object(json.get("value"));
    }

    @Nullable Object value(String column) {
      return value().get(column);
    }

    Map<String, @Nullable Object> oldValue() {
      return Json.object(json.get("old_value"));
    }
  }

  Answer get(String path, String... headers) throws IOException, InterruptedException {
    return send("GET", path, headers);
  }

  Answer send(String method, String path, String... headers)
      throws IOException, InterruptedException {
    return answer(http.send(request(method, path, headers), BodyHandlers.ofString()));
  }

  Answer post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest request = request("POST", path, headers, BodyPublishers.ofString(body)).build();
    return answer(http.send(request, BodyHandlers.ofString()));
  }

  Answer post(String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest request = request("POST", path, headers, BodyPublishers.ofByteArray(body)).build();
    return answer(http.send(request, BodyHandlers.ofString()));
  }

  /** The body's length is not said before. */
  Answer postInParts(String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest request =
        request(
                "POST",
                path,
                headers,
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
            .build();
    return answer(http.send(request, BodyHandlers.ofString()));
  }

  CompletableFuture<Answer> postLater(String path, String body, String... headers) {
    HttpRequest request = request("POST", path, headers, BodyPublishers.ofString(body)).build();
    return http.sendAsync(request, BodyHandlers.ofString()).thenApply(ShapeHttp::answer);
  }

  Answer shape(String... parameters) throws IOException, InterruptedException {
    return get(path(parameters));
  }

  CompletableFuture<Answer> shapeLater(String... parameters) {
    return http.sendAsync(request("GET", path(parameters)), BodyHandlers.ofString())
        .thenApply(ShapeHttp::answer);
  }

  /** The answer comes once its headers have. */
  HttpResponse<InputStream> stream(String... parameters) throws IOException, InterruptedException {
    return http.send(request("GET", path(parameters)), BodyHandlers.ofInputStream());
  }

  /** The body of a 400 on one field. */
  static Map<String, @Nullable Object> error(String field, String text) {
    return Map.of("message", "Invalid request", "errors", Map.of(field, List.of(text)));
  }

  static String path(String... parameters) {
    StringBuilder path = new StringBuilder("/v1/shape");
    for (int i = 0; i < parameters.length; i += 2) {
      path.append(i == 0 ? '?' : '&')
          .append(URLEncoder.encode(parameters[i], UTF_8))
          .append('=')
          .append(URLEncoder.encode(parameters[i + 1], UTF_8));
    }
    return path.toString();
  }

  /** Sends the text as it is and returns all that comes until the server closes. */
  String raw(String text) throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private HttpRequest request(String method, String path, String... headers) {
    return request(method, path, headers, BodyPublishers.noBody()).build();
  }

  private HttpRequest.Builder request(
      String method, String path, String[] headers, BodyPublisher body) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(server.resolve(path)).timeout(PATIENCE).method(method, body);
    for (int i = 0; i < always.size(); i += 2) {
      builder.header(always.get(i), always.get(i + 1));
    }
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    return builder;
  }

  private static Answer answer(HttpResponse<String> response) {
    return new Answer(
        response.statusCode(), new TreeMap<>(response.headers().map()), response.body());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
