package dev.millrace.client.transport;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * A request to be sent.
 *
 * @param method {@code GET} or {@code POST}
 * @param headers names in lower case
 * @param body of a POST, in UTF-8
 */
public record HttpCall(String method, URI uri, Map<String, String> headers, Optional<String> body) {

  public HttpCall {
    headers = Map.copyOf(headers);
  }

  public static HttpCall get(URI uri, Map<String, String> headers) {
    return new HttpCall("GET", uri, headers, Optional.empty());
  }

  public static HttpCall post(URI uri, Map<String, String> headers, String body) {
    return new HttpCall("POST", uri, headers, Optional.of(body));
  }
}
