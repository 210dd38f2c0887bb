package dev.millrace.conformance;

import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteChange.Op;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A device whose user edits what it shows: rows as they were when it last heard of them, under
 * changes that have not been answered yet.
 */
final class MergeDevice {
  private static final List<String> TAGS = List.of("x", "y", "z");

  private final String name;
  private final Random random;
  private final long now;
  private final Map<String, Map<String, Json>> heard = new TreeMap<>();
  private final List<WriteChange> queue = new ArrayList<>();

  MergeDevice(String name, Random random, long now) {
    this.name = name;
    this.random = random;
    this.now = now;
  }

  String name() {
    return name;
  }

  List<WriteChange> queue() {
    return queue;
  }

  /** Hears what all rows are now. */
  void hear(Map<String, Map<String, Json>> rows) {
    heard.clear();
    rows.forEach((id, row) -> heard.put(id, new TreeMap<>(row)));
  }

  /** What it shows. */
  Map<String, Map<String, Json>> view() {
    Map<String, Map<String, Json>> view = new TreeMap<>();
    heard.forEach((id, row) -> view.put(id, new TreeMap<>(row)));
    for (WriteChange change : queue) {
      String id = ((Json.Text) MergeModel.cell(change.payload().byName(), "id")).value();
      switch (change.op()) {
        case INSERT -> view.put(id, new TreeMap<>(change.payload().byName()));
        case UPDATE ->
            view.computeIfPresent(
                id,
                (key, row) -> {
                  row.putAll(change.payload().byName());
                  return row;
                });
        case DELETE -> view.remove(id);
      }
    }
    return view;
  }

  /** Its user makes, changes or removes a row. */
  void edit(List<String> ids) {
    Map<String, Map<String, Json>> view = view();
    List<String> absent = ids.stream().filter(id -> !view.containsKey(id)).toList();
    int kind = random.nextInt(10);
    if (!absent.isEmpty() && (view.isEmpty() || kind < 3)) {
      insert(any(absent));
    } else if (!view.isEmpty()) {
      Map<String, Json> row = view.getOrDefault(any(view.keySet()), Map.of());
      if (kind == 9) {
        delete(row);
      } else {
        update(row);
      }
    }
  }

  private void insert(String id) {
    Map<String, Json> row = new LinkedHashMap<>();
    row.put("id", new Json.Text(id));
    MergeModel.COLUMNS.forEach(column -> row.put(column, value(column)));
    add(Op.INSERT, row, Optional.empty());
  }

  private void update(Map<String, Json> row) {
    Map<String, Json> payload = new LinkedHashMap<>();
    Map<String, Json> base = new LinkedHashMap<>();
    payload.put("id", MergeModel.cell(row, "id"));
    payload.put("edited", value("edited"));
    for (String column : List.of("title", "year", "tags")) {
      if (random.nextBoolean()) {
        payload.put(column, value(column));
      }
    }
    payload.keySet().forEach(column -> base.put(column, MergeModel.cell(row, column)));
    add(Op.UPDATE, payload, saying(base));
  }

  private void delete(Map<String, Json> row) {
    add(Op.DELETE, Map.of("id", MergeModel.cell(row, "id")), saying(row));
  }

  /** Most devices say what was seen. */
  private Optional<Json.Members> saying(Map<String, Json> base) {
    return random.nextInt(6) == 0 ? Optional.empty() : Optional.of(new Json.Members(base));
  }

  private void add(Op op, Map<String, Json> payload, Optional<Json.Members> base) {
    queue.add(
        new WriteChange(
            new UUID(random.nextLong(), random.nextLong()).toString(),
            "",
            op,
            new Json.Members(payload),
            OptionalLong.of(now),
            base,
            Optional.empty(),
            "pending",
            0));
  }

  /** Few different values, so that devices often write the same. */
  private Json value(String column) {
    return switch (column) {
      case "title" -> new Json.Text(List.of("a", "b", "c", "d").get(random.nextInt(4)));
      case "year" -> random.nextInt(5) == 0 ? Json.NULL : Json.Numeral.of(random.nextInt(3));
      case "edited" -> Json.Numeral.of(random.nextInt(60));
      case "tags" ->
          new Json.Array(
              TAGS.stream()
                  .filter(tag -> random.nextBoolean())
                  .map(tag -> (Json) new Json.Text(tag))
                  .toList());
      default -> throw new IllegalArgumentException(column);
    };
  }

  private String any(Collection<String> texts) {
    return List.copyOf(texts).get(random.nextInt(texts.size()));
  }
}
