package dev.millrace.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of a shape's answer one by one, so that a large answer is never there twice.
 * Members that are not known are skipped. One answer, one thread.
 */
public final class ShapeMessageReader {

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private final JsonParser parser;
  private final boolean isArray;
  private boolean hasBegun;

  private ShapeMessageReader(JsonParser parser, boolean isArray) {
    this.parser = parser;
    this.isArray = isArray;
  }

  /**
   * The messages of an answer that is not an event stream: a JSON array in UTF-8, in the first
   * {@code length} bytes.
   */
  public static ShapeMessageReader ofArray(byte[] body, int length) {
    try {
      return new ShapeMessageReader(FACTORY.createParser(body, 0, length), true);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
  }

  /**
   * The one message of an event.
   *
   * @throws InvalidJson if it is none
   */
  public static ShapeMessage read(String event) throws InvalidJson {
    try (JsonParser parser = FACTORY.createParser(event)) {
      ShapeMessageReader reader = new ShapeMessageReader(parser, false);
      ShapeMessage message = reader.next();
      if (message == null) {
        throw reader.wrong("is empty");
      }
      return message;
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
  }

  /**
   * The next message, or null after the last.
   *
   * @throws InvalidJson if what comes next is none, or the answer was cut
   */
  public @Nullable ShapeMessage next() throws InvalidJson {
    try {
      if (!hasBegun) {
        hasBegun = true;
        if (isArray && parser.nextToken() != JsonToken.START_ARRAY) {
          throw wrong("is no array");
        }
      }
      JsonToken token = parser.nextToken();
      if (isArray ? token == JsonToken.END_ARRAY : token == null) {
        return null;
      }
      if (token != JsonToken.START_OBJECT) {
        throw wrong("is no message");
      }
      return message();
    } catch (JsonProcessingException e) {
      throw wrong("is no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
  }

  /** The members that make one message; their order is free. */
  private static final class Parts {
    @Nullable String key;
    Map<String, @Nullable String> value = Map.of();
    @Nullable String operation;
    @Nullable String control;
    List<Long> txids = List.of();
    @Nullable Long lsn;
    long opPosition;
    boolean isLast;
    @Nullable Long seenLsn;
    long xmin;
    long xmax;
    Set<Long> running = new HashSet<>();
  }

  private ShapeMessage message() throws IOException, InvalidJson {
    Parts parts = new Parts();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "key" -> parts.key = parser.getText();
        case "value" -> parts.value = value();
        case "headers" -> headers(parts);
        default -> parser.skipChildren();
      }
    }
    return parts.control == null ? change(parts) : control(parts, parts.control);
  }

  private ShapeMessage change(Parts parts) throws InvalidJson {
    if (parts.key == null || parts.operation == null) {
      throw wrong("is neither a change nor a control message");
    }
    WriteChange.Op op =
        switch (parts.operation) {
          case "insert" -> WriteChange.Op.INSERT;
          case "update" -> WriteChange.Op.UPDATE;
          case "delete" -> WriteChange.Op.DELETE;
          default -> throw wrong("has no such operation: " + parts.operation);
        };
    Optional<ShapeMessage.LogPlace> place =
        parts.lsn == null
            ? Optional.empty()
            : Optional.of(
                new ShapeMessage.LogPlace(
                    new Offset(parts.lsn, parts.opPosition), parts.txids, parts.isLast));
    return new ShapeMessage.RowChange(op, parts.key, parts.value, place);
  }

  private ShapeMessage control(Parts parts, String control) throws InvalidJson {
    return switch (control) {
      case "up-to-date" -> {
        if (parts.seenLsn == null) {
          throw wrong("has no global_last_seen_lsn");
        }
        yield new ShapeMessage.UpToDate(new Lsn(parts.seenLsn));
      }
      case "snapshot-end" ->
          new ShapeMessage.SnapshotEnd(new SeenTransactions(parts.xmin, parts.xmax, parts.running));
      case "must-refetch" -> new ShapeMessage.MustRefetch();
      default -> new ShapeMessage.UnknownControl(control);
    };
  }

  private Map<String, @Nullable String> value() throws IOException, InvalidJson {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw wrong("has a value that is no object");
    }
    Map<String, @Nullable String> columns = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      columns.put(
          name,
          switch (parser.nextToken()) {
            case VALUE_NULL -> null;
            case VALUE_STRING -> parser.getText();
            case null, default -> throw wrong("has a column that is no text: " + name);
          });
    }
    return columns;
  }

  private void headers(Parts parts) throws IOException, InvalidJson {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw wrong("has headers that are no object");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "operation" -> parts.operation = parser.getText();
        case "control" -> parts.control = parser.getText();
        case "txids" -> parts.txids = numbers();
        case "lsn" -> parts.lsn = number();
        case "op_position" -> parts.opPosition = number();
        case "last" -> parts.isLast = parser.currentToken() == JsonToken.VALUE_TRUE;
        case "global_last_seen_lsn" -> parts.seenLsn = number();
        case "xmin" -> parts.xmin = number();
        case "xmax" -> parts.xmax = number();
        case "xip_list" -> parts.running.addAll(numbers());
        default -> parser.skipChildren();
      }
    }
  }

  private List<Long> numbers() throws IOException, InvalidJson {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw wrong("has no array where one is due");
    }
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      numbers.add(number());
    }
    return numbers;
  }

  /** Not negative, as text or number. */
  private long number() throws IOException, InvalidJson {
    try {
      long number = Long.parseLong(parser.getText());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw wrong("has no number where one is due: " + parser.getText());
  }

  private InvalidJson wrong(String reason) {
    String place = parser.getParsingContext().pathAsPointer().toString();
    return new InvalidJson(new JsonPointer(place), reason);
  }
}
