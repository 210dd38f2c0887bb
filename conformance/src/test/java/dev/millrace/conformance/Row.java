package dev.millrace.conformance;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A row as clients know it: its key, and each column's text or null. */
record Row(String key, Map<String, @Nullable Object> values) implements Comparable<Row> {
  Row {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** The key of a row in schema public (protocol section 5.7); no parts are null. */
  static String key(String table, Object... parts) {
    return Stream.concat(
            Stream.of("\"public\".\"%s\"".formatted(table)),
            Stream.of(parts).map(part -> '"' + part.toString().replace("/", "//") + '"'))
        .collect(Collectors.joining("/"));
  }

  /** Columns and their values in turn. */
  static Map<String, @Nullable Object> values(@Nullable String... pairs) {
    Map<String, @Nullable Object> map = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(String.valueOf(pairs[i]), pairs[i + 1]);
    }
    return map;
  }

  static List<String> keys(List<Row> rows) {
    return rows.stream().map(Row::key).toList();
  }

  @Override
  public int compareTo(Row other) {
    return key.compareTo(other.key);
  }
}
