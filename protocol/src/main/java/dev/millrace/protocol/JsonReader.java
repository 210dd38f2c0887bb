package dev.millrace.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON document into a {@link Json}, strictly: UTF-8, one value, no member twice, no half
 * of a surrogate pair, within {@link JsonLimits}. One document, one thread.
 */
public final class JsonReader {

  private static final int MAX_NUMERAL = 1_000;
  private static final int MAX_NAME = 1_000;
  private static final int MAX_COMPLAINT = 200;

  /** How the parser names a place within a message, and what it says of itself. */
  private static final Pattern OWN_WORDS =
      Pattern.compile("\\s*\\(?(start marker )?at \\[Source.*");

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(JsonLimits.MAX_DEPTH + 1) // ours is met first
                  .maxNumberLength(MAX_NUMERAL)
                  .maxNameLength(MAX_NAME)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final JsonLimits limits;
  private final JsonParser parser;
  private int values;

  private JsonReader(JsonLimits limits, JsonParser parser) {
    this.limits = limits;
    this.parser = parser;
  }

  /**
   * The value that is the whole of {@code document}.
   *
   * @throws InvalidJson if it is none, or larger than {@code limits} allow
   */
  public static Json read(byte[] document, JsonLimits limits) throws InvalidJson {
    CharBuffer text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(document));
    } catch (CharacterCodingException e) {
      throw new InvalidJson(JsonPointer.ROOT, "is not UTF-8");
    }
    return read(text.array(), text.length(), limits);
  }

  /** The same of text. */
  public static Json read(String document, JsonLimits limits) throws InvalidJson {
    return read(document.toCharArray(), document.length(), limits);
  }

  private static Json read(char[] document, int length, JsonLimits limits) throws InvalidJson {
    try (JsonParser parser = FACTORY.createParser(document, 0, length)) {
      JsonReader reader = new JsonReader(limits, parser);
      try {
        return reader.document();
      } catch (JsonProcessingException e) {
        throw reader.wrong(reader.complaint(e));
      }
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
  }

  private Json document() throws IOException, InvalidJson {
    Json value = value(parser.nextToken());
    if (parser.nextToken() != null) {
      throw wrong("is followed by something else");
    }
    return value;
  }

  private Json value(@Nullable JsonToken token) throws IOException, InvalidJson {
    if (++values > limits.values()) {
      throw wrong("is one value too many: at most %d are read".formatted(limits.values()));
    }
    return switch (token) {
      case START_OBJECT -> members();
      case START_ARRAY -> array();
      case VALUE_TRUE -> new Json.Bool(true);
      case VALUE_FALSE -> new Json.Bool(false);
      case VALUE_NULL -> Json.NULL;
      case VALUE_STRING -> new Json.Text(whole(parser.getText()));
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json.Numeral(parser.getText());
      case null, default -> throw wrong("a value is missing");
    };
  }

  private Json members() throws IOException, InvalidJson {
    checkDepth();
    Map<String, Json> members = new FreshMembers();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = whole(parser.currentName());
      if (members.containsKey(name)) {
        throw wrong("is there twice");
      }
      members.put(name, value(parser.nextToken()));
    }
    return new Json.Members(members);
  }

  private Json array() throws IOException, InvalidJson {
    checkDepth();
    List<Json> items = new ArrayList<>();
    JsonToken token = parser.nextToken();
    while (token != JsonToken.END_ARRAY) {
      items.add(value(token));
      token = parser.nextToken();
    }
    return new Json.Array(items);
  }

  private void checkDepth() throws InvalidJson {
    if (parser.getParsingContext().getNestingDepth() > limits.depth()) {
      throw wrong("lies too deep: at most %d levels are read".formatted(limits.depth()));
    }
  }

  /** Half a pair cannot be stored anywhere, and would come back as a question mark. */
  private String whole(String text) throws InvalidJson {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean isPair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!isPair) {
          throw wrong("has half of a surrogate pair");
        }
        i++;
      }
    }
    return text;
  }

  private InvalidJson wrong(String reason) {
    String place = parser.getParsingContext().pathAsPointer().toString();
    return new InvalidJson(new JsonPointer(place), reason);
  }

  private String complaint(JsonProcessingException failure) {
    String said = OWN_WORDS.matcher(failure.getOriginalMessage()).replaceAll("");
    String brief = said.length() > MAX_COMPLAINT ? said.substring(0, MAX_COMPLAINT) + "…" : said;
    return "is no JSON: %s (line %d, column %d)"
        .formatted(
            brief, parser.currentLocation().getLineNr(), parser.currentLocation().getColumnNr());
  }
}
