package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.store.Entity;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import dev.millrace.protocol.WriteBatch;
import dev.millrace.protocol.WriteChange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The batches of a scenario: what must be in them, and what is answered. One thread. */
final class ScriptedBatches {

  private final ScriptedServer server;
  private final ScenarioValues values;
  private final Map<String, Json> standing = new LinkedHashMap<>();
  private final Map<String, Long> createdAt = new HashMap<>();
  private ScriptedServer.@Nullable Request open;

  ScriptedBatches(ScriptedServer server, ScenarioValues values) {
    this.server = server;
    this.values = values;
  }

  /** Batches with a certain change are answered so from now on, and expected by nobody. */
  void whenever(Script step) {
    standing.put(step.text("whenever"), step.get("answer"));
  }

  /** Answers what has a standing answer. */
  void look() {
    for (ScriptedServer.Request request : List.copyOf(server.batches)) {
      List<WriteChange> changes = read(request).changes();
      standing.forEach((name, answer) -> {
        boolean isMeant =
            changes.stream().anyMatch(change -> change.id().equals(values.named(name)));
        if (isMeant && server.batches.remove(request)) {
          answer(request, answer);
        }
      });
    }
  }

  boolean hasArrived() {
    return !server.batches.isEmpty();
  }

  void expectNone() {
    assertThat(server.batches.stream().map(request -> shown(read(request).changes())).toList())
        .as("nobody expected these batches")
        .isEmpty();
  }

  /** Who sent them is no more. */
  void forget() {
    open = null;
  }

  private static WriteBatch read(ScriptedServer.Request request) {
    try {
      return WriteBatch.read(
          JsonReader.read(request.call.body().orElse(""), JsonLimits.DEFAULT), 1000);
    } catch (InvalidJson e) {
      throw new AssertionError("the client sent " + e.getMessage(), e);
    }
  }

  /** The next batch is that one; it waits for its answer. */
  void expect(Script step, Optional<String> user, int refreshes) {
    ScriptedServer.Request request = server.batches.poll();
    if (request == null) {
      throw new AssertionError("no batch came");
    }
    WriteBatch batch = read(request);
    assertThat(batch.schemaVersion()).hasValue(1);
    assertThat(batch.clientId()).isPresent();
    assertThat(claims(request))
        .isEqualTo("{\"sub\":\"%s\",\"n\":%d}".formatted(user.orElse(""), refreshes));
    List<Script> expected = step.scripts("expectBatch");
    assertThat(batch.changes())
        .as("the batch has %s", shown(batch.changes()))
        .hasSize(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      expect(expected.get(i), batch.changes().get(i));
    }
    open = request;
  }

  private static String claims(ScriptedServer.Request request) {
    String[] parts = request.authorization().split("\\.", -1);
    return parts.length < 2
        ? ""
        : new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
  }

  private static String shown(List<WriteChange> changes) {
    return changes.stream().map(WriteChange::toJson).toList().toString();
  }

  private void expect(Script expected, WriteChange change) {
    String op = expected.verb();
    Entity entity = ScenarioValues.entity(expected.findText("table").orElse("notes"));
    List<String> wrong = new ArrayList<>();
    check(wrong, "op", change.op().text().equals(op));
    check(wrong, "table", change.table().equals(entity.table()));
    check(
        wrong,
        "payload",
        values.isSame(entity, expected.members(op), values.plain(entity, change.payload())));
    expected
        .findText("id")
        .ifPresent(name -> check(wrong, "id", values.isNamed(name, change.id())));
    check(wrong, "base", isBase(entity, expected.find("base"), change.base()));
    Optional<String> tx = expected.findText("tx");
    check(
        wrong,
        "tx",
        tx.isPresent() == change.tx().isPresent()
            && tx.stream().allMatch(name -> values.isNamed(name, change.tx().orElse(""))));
    String sent = expected.findText("retry_count").orElse("0");
    check(
        wrong,
        "retry_count",
        sent.equals("any") || sent.equals(Integer.toString(change.retryCount())));
    long created = change.createdAt().orElse(0);
    check(
        wrong,
        "created_at",
        created > 0 && createdAt.computeIfAbsent(change.id(), unused -> created) == created);
    expected.end();
    assertThat(wrong).as("what is wrong in %s", change.toJson()).isEmpty();
  }

  private static void check(List<String> wrong, String what, boolean isRight) {
    if (!isRight) {
      wrong.add(what);
    }
  }

  private boolean isBase(Entity entity, Optional<Json> expected, Optional<Json.Members> actual) {
    return expected.isPresent() == actual.isPresent()
        && expected.stream()
            .allMatch(base ->
                values.isSame(
                    entity, (Json.Members) base, values.plain(entity, actual.orElseThrow())));
  }

  // --- answers

  /** Answers the batch that was expected last. */
  void answer(Json answer) {
    if (open == null) {
      throw new AssertionError("no batch waits for an answer");
    }
    answer(open, answer);
    open = null;
  }

  private void answer(ScriptedServer.Request request, Json answer) {
    if (answer.equals(new Json.Text("lost"))) {
      request.fail("the answer was lost");
      return;
    }
    Script script = Script.of(answer);
    switch (script.verb()) {
      case "status" -> refuse(request, script);
      case "garbage" ->
          request.answer(200, Map.of("content-type", "application/json"), script.text("garbage"));
      case "applied" -> {
        Script all = Script.of(script.get("applied"));
        List<Json> results =
            read(request).changes().stream()
                .map(change -> result(change.id(), "applied", all))
                .toList();
        all.end();
        respond(request, results);
      }
      case "results" ->
          respond(request, script.scripts("results").stream().map(this::result).toList());
      default -> throw new AssertionError("no such answer: " + answer);
    }
    script.end();
  }

  private static void refuse(ScriptedServer.Request request, Script answer) {
    Map<String, String> headers = new HashMap<>();
    headers.put("content-type", "application/json");
    answer.findText("retryAfter").ifPresent(seconds -> headers.put("retry-after", seconds));
    Map<String, Json> body = new LinkedHashMap<>();
    answer.find("code").ifPresent(code -> body.put("code", code));
    body.put("error", answer.find("error").orElse(ScenarioValues.text("refused")));
    request.answer((int) answer.number("status"), headers, new Json.Members(body).toString());
  }

  private Json result(Script given) {
    Json result = result(values.named(given.text("id")), given.text("status"), given);
    given.end();
    return result;
  }

  private static Json result(String id, String status, Script given) {
    Map<String, Json> result = new LinkedHashMap<>();
    result.put("id", ScenarioValues.text(id));
    result.put("status", ScenarioValues.text(status));
    given.findText("txid").ifPresent(txid -> result.put("txid", ScenarioValues.text(txid)));
    given.findText("lsn").ifPresent(lsn -> result.put("lsn", ScenarioValues.text(lsn)));
    given.find("conflicts").ifPresent(conflicts -> result.put("conflicts", conflicts));
    given.find("row").ifPresent(row -> result.put("row", row));
    if (status.equals("rejected") || status.equals("retry")) {
      result.put("code", given.get("code"));
      result.put("error", given.find("error").orElse(ScenarioValues.text("not as it should be")));
      result.put("retryable", new Json.Bool(status.equals("retry")));
    }
    return new Json.Members(result);
  }

  private static void respond(ScriptedServer.Request request, List<Json> results) {
    List<Json> applied = new ArrayList<>();
    List<Json> errors = new ArrayList<>();
    for (Json result : results) {
      Json.Members members = (Json.Members) result;
      if (members.member("error").isPresent()) {
        errors.add(result);
      } else {
        applied.add(members.member("id").orElseThrow());
      }
    }
    Map<String, Json> body = new LinkedHashMap<>();
    body.put("applied", new Json.Array(applied));
    body.put("errors", new Json.Array(errors));
    body.put("results", new Json.Array(results));
    request.answer(
        200, Map.of("content-type", "application/json"), new Json.Members(body).toString());
  }
}
