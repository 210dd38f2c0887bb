package dev.millrace.server.http;

import dev.millrace.server.filter.Clause;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code where} and its {@code params[1]}, {@code params[2]} … (protocol section 1). */
final class ClauseParameters {

  private static final String FIELD = "params";
  private static final Pattern KEY = Pattern.compile("params\\[(.*)]", Pattern.DOTALL);
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,4}");

  private ClauseParameters() {}

  /**
   * The clause of a request; empty if it has none.
   *
   * @throws InvalidRequest if the parameters are not numbered from 1 on
   */
  static Optional<Clause> read(Map<String, String> query) throws InvalidRequest {
    Map<Integer, String> values = values(query);
    String where = query.getOrDefault("where", "");
    return where.isBlank() ? Optional.empty() : Optional.of(new Clause(where, values));
  }

  private static Map<Integer, String> values(Map<String, String> query) throws InvalidRequest {
    if (!query.getOrDefault(FIELD, "").isEmpty()) {
      throw InvalidRequest.of(FIELD, "is invalid");
    }
    Map<Integer, String> values = new HashMap<>();
    for (Map.Entry<String, String> parameter : query.entrySet()) {
      Matcher key = KEY.matcher(parameter.getKey());
      if (key.matches()) {
        if (!NUMBER.matcher(key.group(1)).matches()) {
          throw InvalidRequest.of(FIELD, "Parameters can only use numbers as keys");
        }
        values.put(Integer.valueOf(key.group(1)), parameter.getValue());
      }
    }
    for (int i = 1; i <= values.size(); i++) {
      if (!values.containsKey(i)) {
        throw InvalidRequest.of(FIELD, "Parameters must be numbered sequentially, starting from 1");
      }
    }
    return values;
  }
}
