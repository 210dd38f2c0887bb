package dev.millrace.server.shape;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.millrace.server.postgres.Column;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows that clients of a shape have been told of, as its messages say. One thread. Takes a few
 * times the memory of the messages.
 */
final class ToldRows {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private final Map<String, Integer> places = new HashMap<>();
  private final Map<String, @Nullable String[]> rows = new LinkedHashMap<>();

  /**
   * None yet.
   *
   * @param columns those that the messages name
   */
  ToldRows(List<Column> columns) {
    for (Column column : columns) {
      places.put(column.name(), places.size());
    }
  }

  /** By key the values, in the order of the columns. */
  Map<String, @Nullable String[]> rows() {
    return rows;
  }

  /** Reads a snapshot that is finished. */
  void add(Snapshot snapshot) throws IOException {
    for (int i = 0; i < snapshot.chunkCount(); i++) {
      if (snapshot.chunk(i) instanceof Snapshot.Chunk.Written chunk) {
        add(Files.readAllBytes(chunk.file()));
      }
    }
  }

  /** Reads messages, each preceded by a comma. */
  void add(byte[] run) throws IOException {
    if (run.length == 0) {
      return;
    }
    InputStream array =
        new SequenceInputStream(
            new ByteArrayInputStream("[".getBytes(StandardCharsets.US_ASCII)),
            new SequenceInputStream(
                new ByteArrayInputStream(run, 1, run.length - 1),
                new ByteArrayInputStream("]".getBytes(StandardCharsets.US_ASCII))));
    try (JsonParser parser = JSON.createParser(array)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        message(parser);
      }
    }
  }

  private void message(JsonParser parser) throws IOException {
    String key = "";
    String operation = "";
    Map<Integer, @Nullable String> values = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String member = parser.currentName();
      parser.nextToken();
      switch (member) {
        case "key" -> key = parser.getText();
        case "value" -> values(parser, values);
        case "headers" -> operation = operation(parser);
        default -> parser.skipChildren();
      }
    }
    take(operation, key, values);
  }

  private void values(JsonParser parser, Map<Integer, @Nullable String> values) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      Integer place = places.get(parser.currentName());
      JsonToken value = parser.nextToken();
      if (place != null) {
        values.put(place, value == JsonToken.VALUE_NULL ? null : parser.getText());
      }
    }
  }

  /** Empty for a message that is no change. */
  private static String operation(JsonParser parser) throws IOException {
    String operation = "";
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean isWanted = parser.currentName().equals("operation");
      parser.nextToken();
      if (isWanted) {
        operation = parser.getText();
      }
      parser.skipChildren();
    }
    return operation;
  }

  private void take(String operation, String key, Map<Integer, @Nullable String> values) {
    switch (operation) {
      case "insert", "update" -> {
        @Nullable String[] row =
            rows.computeIfAbsent(key, k -> new @Nullable String[places.size()]);
        values.forEach((place, value) -> row[place] = value);
      }
      case "delete" -> rows.remove(key);
      default -> {
        // A control message.
      }
    }
  }
}
