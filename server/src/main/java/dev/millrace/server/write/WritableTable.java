package dev.millrace.server.write;

import dev.millrace.protocol.RelationName;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A table as one role may write to it; immutable.
 *
 * @param hasLateKey whether its primary key is checked at the end of a transaction only
 * @param hasLateChecks whether anything in its database may be checked at the end of a transaction
 *     only
 * @param isSimple whether an update of a row that is there as expected is done as it is said: there
 *     are neither partitions nor rules, nor triggers before an update
 * @param policy what becomes of edits that meet
 */
record WritableTable(
    long oid,
    RelationName name,
    List<WritableColumn> columns,
    List<WritableColumn> key,
    Map<String, WritableColumn> byName,
    boolean hasLateKey,
    boolean hasLateChecks,
    boolean isSimple,
    TablePolicy policy) {

  static WritableTable of(
      long oid,
      RelationName name,
      List<WritableColumn> columns,
      boolean hasLateKey,
      boolean hasLateChecks,
      boolean isSimple,
      TablePolicy policy) {
    List<WritableColumn> key =
        columns.stream()
            .filter(WritableColumn::isKey)
            .sorted(Comparator.comparingInt(WritableColumn::keyIndex))
            .toList();
    return new WritableTable(
        oid,
        name,
        List.copyOf(columns),
        key,
        names(columns),
        hasLateKey,
        hasLateChecks,
        isSimple,
        policy);
  }

  /** Each column's name, and its camel case where that is the name of one column only. */
  private static Map<String, WritableColumn> names(List<WritableColumn> columns) {
    Map<String, WritableColumn> names = new HashMap<>();
    Set<String> ambiguous = new HashSet<>();
    for (WritableColumn column : columns) {
      String camel = camelCase(column.name());
      if (names.put(camel, column) != null) {
        ambiguous.add(camel);
      }
    }
    ambiguous.forEach(names::remove);
    columns.forEach(column -> names.put(column.name(), column));
    return Map.copyOf(names);
  }

  /** {@code owner_id} is {@code ownerId}; underscores at the beginning stay. */
  static String camelCase(String name) {
    StringBuilder camel = new StringBuilder(name.length());
    boolean isUpper = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '_' && !camel.isEmpty() && i + 1 < name.length()) {
        isUpper = true;
      } else {
        camel.append(isUpper ? Character.toUpperCase(c) : c);
        isUpper = false;
      }
    }
    return camel.toString();
  }

  Optional<WritableColumn> column(String given) {
    return Optional.ofNullable(byName.get(given));
  }

  boolean hasKey() {
    return !key.isEmpty();
  }

  /** Whether equal keys are always the same text, so that we can tell rows apart. */
  boolean hasPlainKey() {
    return key.stream().allMatch(column -> column.type().isPlain());
  }

  boolean isUnion(WritableColumn column) {
    return policy.unionColumns().contains(column.name());
  }
}
