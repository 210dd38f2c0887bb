package dev.millrace.server.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages by field, as they are found. One thread. */
final class FieldErrors {

  private final Map<String, List<String>> byField = new LinkedHashMap<>();

  void add(String field, String message) {
    byField.computeIfAbsent(field, f -> new ArrayList<>()).add(message);
  }

  boolean isEmpty() {
    return byField.isEmpty();
  }

  Map<String, List<String>> byField() {
    return new LinkedHashMap<>(byField);
  }

  void throwIfAny() throws InvalidRequest {
    if (!isEmpty()) {
      throw new InvalidRequest(byField);
    }
  }
}
