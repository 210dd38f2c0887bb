package dev.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.client.store.Entity;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonText;
import dev.millrace.protocol.Offset;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The stream of one entity as a scenario has scripted it so far. One thread. */
final class ScriptedShape {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** One message; those of a part of the snapshot are at the same place. */
  private record Message(Offset at, long txid, String json) {}

  /** Done to one request in the place of an answer. */
  private interface Fault {
    void befall(ScriptedServer.Request request);
  }

  private final Entity entity;
  private final ScenarioValues values;
  private final List<Message> messages = new ArrayList<>();
  private final Deque<Fault> faults = new ArrayDeque<>();
  private final List<ScriptedServer.Request> held = new ArrayList<>();
  private int handle = 1;
  private int parts;
  private boolean isSnapshotWhole;
  private boolean isOpen;
  private long lsn = 1000;
  private long operations;

  /** How often it was asked for from its beginning. */
  int beginnings;

  ScriptedShape(Entity entity, ScenarioValues values) {
    this.entity = entity;
    this.values = values;
  }

  // --- the script

  void play(Script step) {
    if (step.find("rows").isPresent()) {
      snapshot(step);
    } else if (step.find("changes").isPresent()) {
      transaction(step);
    } else if (step.find("upToDate").isPresent()) {
      lsn = Math.max(lsn, step.number("upToDate"));
      if (!step.flag("onlyIfAsked")) {
        tellAll(List.of());
      }
    } else if (step.find("again").isPresent()) {
      List<String> txids = step.texts("again");
      List<Message> again =
          messages.stream()
              .filter(message -> txids.contains(Long.toString(message.txid())))
              .toList();
      tellAll(again);
    } else if (step.flag("mustRefetch")) {
      rotate();
    } else if (step.flag("break")) {
      befall(request -> request.fail("the connection broke"));
    } else if (step.find("refuse").isPresent()) {
      refuse(Script.of(step.get("refuse")));
    } else {
      throw new AssertionError("nothing that a stream does: " + step);
    }
  }

  private void snapshot(Script step) {
    Offset at = Offset.snapshotChunk(parts++);
    for (Json row : step.items("rows")) {
      add(at, 0, "insert", (Json.Members) row, "\"operation\":\"insert\"");
    }
    isOpen = step.flag("more");
    if (!isOpen) {
      isSnapshotWhole = true;
      String seen = "{\"xmin\":\"3\",\"xmax\":\"3\",\"xip_list\":[]}";
      String end = step.find("snapshot").map(Json::toString).orElse(seen);
      messages.add(
          new Message(
              at, 0, "{\"headers\":{\"control\":\"snapshot-end\"," + end.substring(1) + "}"));
    }
    lookAll();
  }

  private void transaction(Script step) {
    boolean isContinued = isOpen;
    isOpen = step.flag("more");
    long txid = step.number("txid");
    if (!isContinued) {
      lsn = step.number("lsn", lsn + 10);
      operations = 0;
    }
    List<Script> changes = step.scripts("changes");
    for (Script change : changes) {
      boolean isLast = !isOpen && change == changes.get(changes.size() - 1);
      String operation = change.verb();
      String headers =
          "\"operation\":\"%s\",\"txids\":[%d],\"lsn\":\"%d\",\"op_position\":%d%s"
              .formatted(
                  operation,
                  txid & 0xFFFF_FFFFL,
                  lsn,
                  2 * operations,
                  isLast ? ",\"last\":true" : "");
      Offset at = new Offset(lsn, 2 * operations++);
      add(at, txid, operation, change.members(operation), headers);
      change.end();
    }
    lookAll();
  }

  private void add(Offset at, long txid, String operation, Json.Members row, String headers) {
    Json.Members value = values.wire(entity, operation.equals("insert") ? whole(row) : row);
    String key =
        entity.key().stream()
            .map(column -> (Json.Text) value.member(column).orElseThrow())
            .map(text -> "/\"" + text.value() + "\"")
            .collect(Collectors.joining("", "\"public\".\"" + entity.table() + "\"", ""));
    String json =
        "{\"key\":%s,\"value\":%s,\"headers\":{%s,\"relation\":[\"public\",\"%s\"]}}"
            .formatted(JsonText.quote(key), value, headers, entity.table());
    if (operation.equals("delete") && value.byName().size() != entity.key().size()) {
      throw new AssertionError("a delete has the key alone: " + row);
    }
    messages.add(new Message(at, txid, json));
  }

  /** Columns that are not said are null. */
  private Json.Members whole(Json.Members row) {
    Map<String, Json> all = new LinkedHashMap<>();
    entity.columns().forEach(column -> all.put(column.name(), Json.NULL));
    all.putAll(row.byName());
    return new Json.Members(all);
  }

  private void rotate() {
    handle++;
    messages.clear();
    parts = 0;
    isSnapshotWhole = false;
    isOpen = false;
    lookAll();
  }

  private void refuse(Script answer) {
    int status = (int) answer.number("status");
    Map<String, String> headers = new HashMap<>();
    answer.findText("retryAfter").ifPresent(seconds -> headers.put("retry-after", seconds));
    String body = answer.findText("body").orElse("{\"message\":\"refused\"}");
    answer.end();
    befall(request -> request.answer(status, headers, body));
  }

  /** Whoever waits meets it; if nobody does, the next. */
  private void befall(Fault fault) {
    if (held.isEmpty()) {
      faults.add(fault);
      return;
    }
    ScriptedServer.Request request = held.remove(0);
    if (request.isStream && !request.isOver()) {
      request.end();
      faults.add(fault); // An event stream that has begun can only end.
    } else {
      fault.befall(request);
    }
  }

  // --- requests

  void arrive(ScriptedServer.Request request) {
    Fault fault = faults.poll();
    if (fault != null) {
      fault.befall(request);
      return;
    }
    if (request.asked.offset().equals(Offset.BEFORE_ALL)) {
      beginnings++;
    }
    held.add(request);
    if (request.asked.isLive()) {
      request.after(PATIENCE, () -> saySomething(request));
    }
    look(request);
  }

  /** A server leaves nobody without a word for longer than that. */
  private void saySomething(ScriptedServer.Request request) {
    if (!held.contains(request)) {
      return;
    }
    if (request.isStream) {
      request.body(": keep-alive\n\n".getBytes(UTF_8));
      request.after(PATIENCE, () -> saySomething(request));
    } else if (!isOpen) {
      answer(request, List.of(), end().max(request.asked.offset()), true);
    }
  }

  void forget() {
    held.clear();
  }

  private void lookAll() {
    List.copyOf(held).forEach(this::look);
  }

  private void look(ScriptedServer.Request request) {
    if (request.isOver()) {
      held.remove(request);
      return;
    }
    ModelServer.Asked asked = request.asked;
    if (asked.offset().equals(Offset.BEFORE_ALL)) {
      if (parts > 0) {
        List<Message> first = messages.stream().filter(one -> one.at().isInSnapshot()).toList();
        answer(request, first, Offset.snapshotChunk(parts - 1), false);
      }
      return;
    }
    if (!asked.handle().equals(handle())) {
      held.remove(request);
      if (request.isStream && request.hasBegun()) {
        request.end();
      } else {
        request.answer(
            409,
            Map.of("electric-handle", handle()),
            "[{\"headers\":{\"control\":\"must-refetch\"}}]");
      }
      return;
    }
    List<Message> after = after(request.isStream ? request.told : asked.offset());
    if (request.isStream) {
      request.begin(headers(request, asked.offset()));
      if (!after.isEmpty()) {
        tell(request, after);
      }
    } else if (!after.isEmpty()) {
      answer(request, after, end(), !isOpen);
    } else if (!asked.isLive() && !isOpen) {
      answer(request, after, end().max(asked.offset()), true);
    }
  }

  private List<Message> after(Offset offset) {
    return messages.stream().filter(message -> message.at().isAfter(offset)).toList();
  }

  private Offset end() {
    Offset last = messages.isEmpty() ? Offset.SNAPSHOT_END : messages.getLast().at();
    return last.isInSnapshot() && isSnapshotWhole ? Offset.SNAPSHOT_END : last;
  }

  private String handle() {
    return handle + "-" + entity.name();
  }

  private Map<String, String> headers(ScriptedServer.Request request, Offset offset) {
    Map<String, String> headers = new HashMap<>();
    headers.put(
        "content-type", request.isStream ? "text/event-stream" : "application/json; charset=utf-8");
    headers.put("electric-handle", handle());
    headers.put("electric-offset", offset.toString());
    if (request.asked.isLive()) {
      headers.put("electric-cursor", "1");
    } else {
      headers.put("electric-schema", ScenarioValues.schema(entity));
    }
    return headers;
  }

  private void answer(
      ScriptedServer.Request request, List<Message> told, Offset offset, boolean isUpToDate) {
    held.remove(request);
    Map<String, String> headers = headers(request, offset);
    List<String> body = told.stream().map(Message::json).collect(Collectors.toList());
    if (isUpToDate) {
      headers.put("electric-up-to-date", "");
      body.add(ModelServer.upToDate(lsn));
    }
    request.answer(200, headers, "[" + String.join(",", body) + "]");
  }

  /** Those who wait hear of it and that it is all; if nobody does, the next one. */
  private void tellAll(List<Message> told) {
    List<ScriptedServer.Request> live =
        List.copyOf(held).stream().filter(request -> request.asked.isLive()).toList();
    for (ScriptedServer.Request request : live) {
      if (request.isOver()) {
        held.remove(request);
      } else if (request.isStream) {
        tell(request, told);
      } else {
        answer(request, told, end().max(request.asked.offset()), true);
      }
    }
    if (live.isEmpty() && !told.isEmpty()) {
      throw new AssertionError(entity.name() + ": nobody follows the stream");
    }
  }

  private void tell(ScriptedServer.Request request, List<Message> told) {
    StringBuilder frames = new StringBuilder();
    for (Message message : told) {
      frames.append("data: ").append(message.json()).append("\n\n");
      request.told = message.at().max(request.told);
    }
    if (!isOpen) {
      frames.append("data: ").append(ModelServer.upToDate(lsn)).append("\n\n");
    }
    request.body(frames.toString().getBytes(UTF_8));
  }
}
