package dev.millrace.server.http;

import dev.millrace.protocol.JsonText;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A request that the protocol does not allow; becomes a 400 (protocol section 1). */
final class InvalidRequest extends Exception {

  private static final long serialVersionUID = 1L;

  private final String body;

  private InvalidRequest(String body) {
    super(body, null, false, false);
    this.body = body;
  }

  InvalidRequest(Map<String, List<String>> errors) {
    this(body(object(errors)));
  }

  private static String body(String errors) {
    return "{\"message\":\"Invalid request\",\"errors\":" + errors + "}";
  }

  /** Of no field in particular. */
  static InvalidRequest withMessage(String message) {
    return new InvalidRequest("{\"message\":" + JsonText.quote(message) + "}");
  }

  static InvalidRequest of(String field, String message) {
    return new InvalidRequest(Map.of(field, List.of(message)));
  }

  /** Of the subset that the request asks for: its fields stand one level deeper. */
  static InvalidRequest ofSubset(Map<String, List<String>> errors) {
    return new InvalidRequest(body("{\"subset\":" + object(errors) + "}"));
  }

  /** Of a value in the subset; this message comes without a list (protocol section 9). */
  static InvalidRequest ofSubsetData(String field, String message) {
    String errors = "{%s:%s}".formatted(JsonText.quote(field), JsonText.quote(message));
    return new InvalidRequest(body("{\"subset\":" + errors + "}"));
  }

  String body() {
    return body;
  }

  private static String object(Map<String, List<String>> errors) {
    return errors.entrySet().stream()
        .map(error -> JsonText.quote(error.getKey()) + ":" + list(error.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String list(List<String> messages) {
    return messages.stream().map(JsonText::quote).collect(Collectors.joining(",", "[", "]"));
  }
}
