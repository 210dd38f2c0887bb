package dev.millrace.server.http;

import java.util.Map;

/**
 * What a {@link Route} sees of a request.
 *
 * @param path decoded, without empty segments: {@code /assets/app.js}
 */
public record Request(String method, String path, Map<String, String> query) {

  public Request {
    query = Map.copyOf(query);
  }
}
