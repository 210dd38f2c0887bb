package dev.millrace.server.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a {@link Route} sees of a request.
 *
 * @param path decoded, without empty segments: {@code /assets/app.js}
 */
public record Request(String method, String path, Map<String, String> query) {

  public Request {
    query = Map.copyOf(query);
  }

  /**
   * Takes a request target apart. Of a parameter that is given twice the last counts.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  static Request of(String method, String uri) {
    QueryStringDecoder decoder = new QueryStringDecoder(uri);
    Map<String, String> query = new HashMap<>();
    decoder.parameters().forEach((name, values) -> query.put(name, values.getLast()));
    String path =
        Arrays.stream(decoder.path().split("/", -1))
            .filter(segment -> !segment.isEmpty())
            .collect(Collectors.joining("/", "/", ""));
    return new Request(method, path, query);
  }

  /** Whether it asks for something and changes nothing. */
  public boolean isRead() {
    return method.equals("GET") || method.equals("HEAD");
  }
}
