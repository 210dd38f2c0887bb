package dev.millrace.server.http;

import dev.millrace.protocol.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A request that the protocol does not allow; becomes a 400 (protocol section 1). */
final class InvalidRequest extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Map<String, List<String>> errors;

  InvalidRequest(Map<String, List<String>> errors) {
    super("Invalid request: " + errors, null, false, false);
    this.errors = new LinkedHashMap<>(errors);
  }

  static InvalidRequest of(String field, String message) {
    return new InvalidRequest(Map.of(field, List.of(message)));
  }

  String body() {
    String fields =
        errors.entrySet().stream()
            .map(error -> JsonText.quote(error.getKey()) + ":" + list(error.getValue()))
            .collect(Collectors.joining(","));
    return "{\"message\":\"Invalid request\",\"errors\":{" + fields + "}}";
  }

  private static String list(List<String> messages) {
    return messages.stream().map(JsonText::quote).collect(Collectors.joining(",", "[", "]"));
  }
}
