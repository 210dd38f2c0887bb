package dev.millrace.client;

import static dev.millrace.client.ScenarioValues.entity;
import static dev.millrace.client.ScenarioValues.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Row;
import dev.millrace.client.stream.StreamStatus;
import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.EditConflict;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.client.writebuffer.WriteState;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a scenario expects of a client: its rows, its status, its queue. One thread. */
final class ScenarioChecks {

  private final ScenarioValues values;
  private final Map<String, WriteHandle> handles = new HashMap<>();
  private final Map<String, List<Set<Json.Members>>> views = new HashMap<>();

  ScenarioChecks(ScenarioValues values) {
    this.values = values;
  }

  void followed(String name, WriteHandle handle) {
    handles.put(name, handle);
  }

  /** The process that had given them is no more. */
  void forgetHandles() {
    handles.clear();
  }

  // --- what is expected of rows

  private static List<Json.Members> rows(SyncManager sync, Entity entity) {
    return sync.rows(entity).all().stream().map(row -> plain(entity, row)).toList();
  }

  private static Json.Members plain(Entity entity, Row row) {
    Map<String, Json> plain = new LinkedHashMap<>();
    for (Entity.Column column : entity.columns()) {
      plain.put(column.name(), column.type().write(column.type().store(row.get(column.name()))));
    }
    return new Json.Members(plain);
  }

  void expectRows(SyncManager sync, Script step) {
    Entity entity = entity(step.text("expectRows"));
    List<Json.Members> actual = rows(sync, entity);
    assertThat(areSame(entity, step.items("rows"), actual)).as("rows are %s", actual).isTrue();
  }

  /** Each row is there and says what is expected of it; no other is there. */
  private boolean areSame(Entity entity, List<Json> expected, List<Json.Members> actual) {
    return expected.size() == actual.size()
        && expected.stream()
            .map(row -> (Json.Members) row)
            .allMatch(row -> actual.stream().anyMatch(found -> isSame(entity, row, found)));
  }

  private boolean isSame(Entity entity, Json.Members expected, Json.Members actual) {
    boolean isRow =
        entity.key().stream()
            .allMatch(column ->
                values
                    .plain(entity, column, expected.member(column).orElseThrow())
                    .equals(actual.member(column).orElseThrow()));
    return isRow
        && expected.byName().entrySet().stream()
            .allMatch(one ->
                values.isSame(
                    entity,
                    one.getKey(),
                    one.getValue(),
                    actual.member(one.getKey()).orElseThrow()));
  }

  void follow(SyncManager sync, String name) {
    views.put(name, new ArrayList<>());
    observe(sync);
  }

  /** Notes what followed entities show, where that is something else than before. */
  void observe(@Nullable SyncManager sync) {
    if (sync == null || views.isEmpty()) {
      return;
    }
    views.forEach((name, seen) -> {
      Set<Json.Members> now = Set.copyOf(rows(sync, entity(name)));
      if (seen.isEmpty() || !seen.getLast().equals(now)) {
        seen.add(now);
      }
    });
  }

  /** All that was seen is among what is expected, in its order, and ends with the last of it. */
  void expectViews(SyncManager sync, Script step) {
    String name = step.text("expectViews");
    Entity entity = entity(name);
    List<Set<Json.Members>> seen =
        Optional.ofNullable(views.get(name))
            .orElseThrow(() -> new AssertionError(name + " is not followed"));
    List<Json> expected = step.items("views");
    int at = 0;
    for (Set<Json.Members> view : seen) {
      while (at < expected.size() && !isView(entity, expected.get(at), view)) {
        at++;
      }
      assertThat(at).as("not to be seen there: %s, in %s", view, seen).isLessThan(expected.size());
    }
    assertThat(at).as("the last that was seen, of %s", seen).isEqualTo(expected.size() - 1);
  }

  private boolean isView(Entity entity, Json expected, Set<Json.Members> view) {
    return expected instanceof Json.Array(List<Json> rows)
        && areSame(entity, rows, List.copyOf(view));
  }

  // --- what is expected of status and queue

  void expectStatus(SyncManager sync, Json.Members expected) {
    SyncStatus status = sync.status();
    Map<String, Json> actual = new LinkedHashMap<>();
    actual.put("user", status.user().map(ScenarioValues::text).orElse(Json.NULL));
    actual.put("unsent", Json.Numeral.of(status.writes().unsent()));
    actual.put("errors", Json.Numeral.of(status.writes().errors()));
    actual.put("conflicts", Json.Numeral.of(sync.writeBuffer().conflicts().size()));
    actual.put("isOffline", new Json.Bool(status.isOffline()));
    actual.put("needsAuth", new Json.Bool(status.needsAuth()));
    actual.put("isSynced", new Json.Bool(status.isSynced()));
    actual.put("upload", phase(status.upload().phase()));
    actual.put("code", status.upload().code().map(ScenarioValues::text).orElse(Json.NULL));
    for (StreamStatus stream : status.streams()) {
      actual.put("stream " + stream.entity(), phase(stream.phase()));
    }
    Map<String, Json> looked = new LinkedHashMap<>();
    expected
        .byName()
        .forEach((name, value) ->
            looked.put(
                name,
                Optional.ofNullable(actual.get(name))
                    .orElseThrow(() -> new AssertionError("no such status: " + name))));
    assertThat(new Json.Members(looked)).isEqualTo(expected);
  }

  private static Json phase(Enum<?> phase) {
    return text(phase.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  void expectWrite(SyncManager sync, Script step) {
    WriteHandle handle =
        Optional.ofNullable(handles.get(step.text("expectWrite")))
            .orElseThrow(() -> new AssertionError("nobody follows it"));
    String state =
        switch (handle.state()) {
          case WriteState.Local local -> "local";
          case WriteState.Sent sent -> "sent";
          case WriteState.Confirmed confirmed -> "confirmed";
          case WriteState.Rejected rejected -> "rejected";
          case WriteState.Discarded discarded -> "discarded";
        };
    assertThat(state).isEqualTo(step.text("state"));
  }

  void expectDeadLetters(SyncManager sync, Script step) {
    List<String> actual =
        sync.writeBuffer().deadLetters().stream().map(letter -> shown(letter)).toList();
    List<String> expected = new ArrayList<>();
    for (Script letter : step.scripts("expectDeadLetters")) {
      String op = letter.verb();
      Entity entity = entity(letter.findText("entity").orElse("notes"));
      expected.add(
          "%s %s %s %s %s"
              .formatted(
                  values.named(letter.text("id")),
                  letter.text("code"),
                  entity.name(),
                  op,
                  sorted(values.plain(entity, letter.members(op)))));
      letter.end();
    }
    assertThat(actual).isEqualTo(expected);
  }

  private String shown(DeadLetter letter) {
    return "%s %s %s %s %s"
        .formatted(
            letter.id(),
            letter.code(),
            letter.entity(),
            letter.op().text(),
            sorted(values.plain(entity(letter.entity()), letter.payload())));
  }

  private static String sorted(Json.Members members) {
    return members.byName().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::toString)
        .collect(Collectors.joining(", "));
  }

  void expectConflicts(SyncManager sync, Script step) {
    List<String> actual = sync.writeBuffer().conflicts().stream().map(this::shown).toList();
    List<String> expected = new ArrayList<>();
    for (Script conflict : step.scripts("expectConflicts")) {
      Entity entity = entity(conflict.findText("entity").orElse("notes"));
      String column = conflict.text("column");
      expected.add(
          CONFLICT.formatted(
              entity.name(),
              values.plain(entity, conflict.members("row")),
              column,
              conflict.find("base").map(base -> shown(entity, column, base)).orElse("unknown"),
              shown(entity, column, conflict.get("yours")),
              shown(entity, column, conflict.get("theirs")),
              conflict.text("kept")));
      conflict.end();
    }
    assertThat(actual).isEqualTo(expected);
  }

  private static final String CONFLICT = "%s %s %s: was %s, yours %s, theirs %s, kept %s";

  private String shown(EditConflict conflict) {
    Entity entity = entity(conflict.entity());
    String column = conflict.column();
    return CONFLICT.formatted(
        entity.name(),
        values.plain(entity, conflict.key()),
        column,
        conflict.base().map(base -> shown(entity, column, base)).orElse("unknown"),
        shown(entity, column, conflict.yours()),
        shown(entity, column, conflict.theirs()),
        conflict.kept() == Conflict.Kept.YOURS ? "yours" : "theirs");
  }

  private String shown(Entity entity, String column, Json value) {
    return values.plain(entity, column, value).toString();
  }
}
