package dev.millrace.server.http;

import dev.millrace.protocol.JsonText;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request on {@code /v1/shape} asks for, whether it stands in the URL or in a JSON body
 * (protocol sections 1 and 9).
 *
 * @param query of the shape, by name
 * @param subset of the subset, by name without {@code subset__}: strings, or for {@code params} a
 *     map; empty if the request wants no subset
 */
record Parameters(Map<String, String> query, Map<String, Object> subset) {

  private static final String PREFIX = "subset__";
  private static final Set<String> SUBSET_FIELDS =
      Set.of("where", "order_by", "limit", "offset", "params", "where_expr", "order_by_expr");

  Parameters {
    query = Map.copyOf(query);
    subset = Map.copyOf(subset);
  }

  static Parameters of(Map<String, String> url) {
    Map<String, String> query = new HashMap<>();
    Map<String, Object> subset = new HashMap<>();
    url.forEach((name, value) -> {
      if (name.startsWith(PREFIX)) {
        subset.put(name.substring(PREFIX.length()), value);
      } else {
        query.put(name, value);
      }
    });
    return new Parameters(query, subset);
  }

  /**
   * The same with those of a body, which win: a subset's own fields, at the top or in the object
   * {@code subset}, and any of the URL's.
   *
   * @throws MalformedBody if the body is no JSON object
   */
  Parameters with(byte[] body) throws MalformedBody {
    Map<String, Object> sent = parse(body);
    Map<String, String> query = new HashMap<>(this.query);
    Map<String, Object> subset = new HashMap<>(this.subset);
    boolean isNested = sent.get("subset") instanceof Map<?, ?>;
    sent.forEach((name, value) -> {
      if (isNested && name.equals("subset")) {
        addAll((Map<?, ?>) value, subset);
      } else if (!isNested && SUBSET_FIELDS.contains(name)) {
        subset.put(name, value);
      } else if (value instanceof Map<?, ?> values) {
        values.forEach((key, one) -> query.put(name + "[" + key + "]", String.valueOf(one)));
      } else {
        query.put(name, String.valueOf(value));
      }
    });
    return new Parameters(query, subset);
  }

  private static void addAll(Map<?, ?> from, Map<String, Object> to) {
    from.forEach((name, value) -> to.put(String.valueOf(name), value == null ? "" : value));
  }

  private static Map<String, Object> parse(byte[] body) throws MalformedBody {
    Object value;
    try {
      value = body.length == 0 ? Map.of() : JsonValue.parse(body);
    } catch (IOException e) {
      throw new MalformedBody("Invalid JSON in request body", JsonValue.complaint(e));
    }
    Map<String, Object> fields = new HashMap<>();
    if (!(value instanceof Map<?, ?> object)) {
      throw new MalformedBody("Request body must be a JSON object", null);
    }
    object.forEach((name, field) -> {
      if (field != null) {
        fields.put(String.valueOf(name), field);
      }
    });
    return fields;
  }

  /** A body that cannot be read. */
  static final class MalformedBody extends Exception {

    private static final long serialVersionUID = 1L;

    private final @Nullable String details;

    MalformedBody(String message, @Nullable String details) {
      super(message, null, false, false);
      this.details = details;
    }

    String body() {
      String error = JsonText.quote(String.valueOf(getMessage()));
      return details == null
          ? "{\"error\":" + error + "}"
          : "{\"error\":%s,\"details\":%s}".formatted(error, JsonText.quote(details));
    }
  }
}
