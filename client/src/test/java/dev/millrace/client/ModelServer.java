package dev.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.client.transport.HttpCall;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import dev.millrace.protocol.JsonText;
import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.WriteAnswer;
import dev.millrace.protocol.WriteBatch;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteError;
import dev.millrace.protocol.WriteResult;
import java.net.URI;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a server with Postgres behind it does, small enough to be believed by reading it: tables of
 * rows that each belong to a user, a log of transactions, shapes over both, and writes applied
 * once. What was committed shows in the streams a little later. Answers are what goes over the
 * wire.
 */
final class ModelServer {

  static final List<String> TABLES = List.of("items", "tags");
  private static final int SNAPSHOT_CHUNK = 3;
  private static final int LOG_CHUNK = 4;

  /** A change as the log has it; {@code value} as a message would. */
  record Change(
      String table,
      WriteChange.Op op,
      String id,
      String owner,
      Map<String, @Nullable String> value) {}

  record Txn(long lsn, long txid, List<Change> changes) {}

  /** What was applied. */
  record Applied(WriteChange change, String user, long txid, long lsn, int order) {}

  /** One life of a shape: the rows of a table that a user had then, and the log since. */
  static final class Shape {
    final String handle;
    final String table;
    final String user;
    final long snapshotLsn;
    final long xmax;
    final List<Map<String, @Nullable String>> rows;
    final List<Message> messages = new ArrayList<>();
    int logged;
    int visible;
    boolean isDead;

    Shape(
        String handle,
        String table,
        String user,
        long snapshotLsn,
        long xmax,
        List<Map<String, @Nullable String>> rows) {
      this.handle = handle;
      this.table = table;
      this.user = user;
      this.snapshotLsn = snapshotLsn;
      this.xmax = xmax;
      this.rows = rows;
    }

    boolean has(Change change) {
      return change.table().equals(table) && change.owner().equals(user);
    }

    int chunks() {
      return Math.max(1, (rows.size() + SNAPSHOT_CHUNK - 1) / SNAPSHOT_CHUNK);
    }
  }

  record Message(Offset offset, long lsn, Change change, String json) {}

  /** An answer; {@code body} is whole. */
  record Answer(int status, Map<String, String> headers, String body) {}

  private final Random random;
  private final Map<String, Map<String, Map<String, @Nullable String>>> tables = new HashMap<>();
  private final List<Txn> log = new ArrayList<>();
  private final Map<String, Shape> current = new HashMap<>();
  private final Map<String, Shape> shapes = new HashMap<>();
  private final List<Shape> superseded = new ArrayList<>();
  private final Map<String, Applied> ledger = new LinkedHashMap<>();
  private final Map<String, WriteChange> received = new HashMap<>();
  private final Set<String> deleted = new HashSet<>();
  private final Set<String> rejected = new HashSet<>();
  private long lsn = 1000;
  private long txid = 4_294_967_200L; // Its 32 bits wrap around soon.
  private long visible = 1000;
  private int handles;

  /** How often a write is to be tried again, of a hundred. */
  int retries;

  ModelServer(Random random) {
    this.random = random;
    TABLES.forEach(table -> tables.put(table, new TreeMap<>()));
  }

  // --- what is in it

  Map<String, Map<String, @Nullable String>> rows(String table, String user) {
    Map<String, Map<String, @Nullable String>> own = new TreeMap<>();
    table(table)
        .forEach((id, row) -> {
          if (user.equals(row.get("owner"))) {
            own.put(id, row);
          }
        });
    return own;
  }

  private Map<String, Map<String, @Nullable String>> table(String name) {
    Map<String, Map<String, @Nullable String>> table = tables.get(name);
    if (table == null) {
      throw new IllegalArgumentException(name);
    }
    return table;
  }

  Optional<Applied> applied(String id) {
    return Optional.ofNullable(ledger.get(id));
  }

  /** How many changes were applied, and how many rejected; nothing else becomes of one. */
  int outcomes() {
    return ledger.size() + rejected.size();
  }

  /** Whether it was rejected, if only once. */
  boolean hasRejected(String id) {
    return rejected.contains(id);
  }

  /** Somebody else writes, past all devices. */
  void edit(String table, String owner) {
    Map<String, Map<String, @Nullable String>> own = rows(table, owner);
    String id =
        own.isEmpty() || random.nextInt(3) == 0
            ? new java.util.UUID(random.nextLong(), random.nextLong()).toString()
            : List.copyOf(own.keySet()).get(random.nextInt(own.size()));
    Map<String, @Nullable String> value = new LinkedHashMap<>();
    value.put("id", id);
    WriteChange.Op op =
        !own.containsKey(id)
            ? WriteChange.Op.INSERT
            : random.nextInt(4) == 0 ? WriteChange.Op.DELETE : WriteChange.Op.UPDATE;
    if (op != WriteChange.Op.DELETE) {
      value.put("a", "server" + random.nextInt(1000));
    }
    if (op == WriteChange.Op.INSERT) {
      value.put("owner", owner);
      value.put("b", null);
    }
    commit(List.of(new Change(table, op, id, owner, value)));
  }

  /** A row gets another key, which a stream tells as its end and a beginning. */
  void rekey(String table, String owner, String id, String fresh) {
    Map<String, @Nullable String> row = new LinkedHashMap<>(rows(table, owner).get(id));
    row.put("id", fresh);
    commit(
        List.of(
            new Change(table, WriteChange.Op.DELETE, id, owner, Map.of("id", id)),
            new Change(table, WriteChange.Op.INSERT, fresh, owner, row)));
  }

  private Txn commit(List<Change> changes) {
    for (Change change : changes) {
      apply(table(change.table()), change);
      if (change.op() == WriteChange.Op.DELETE) {
        deleted.add(change.id());
      } else if (change.op() == WriteChange.Op.INSERT) {
        deleted.remove(change.id());
      }
    }
    lsn += 8L * (1 + random.nextInt(50));
    txid++;
    Txn txn = new Txn(lsn, txid, List.copyOf(changes));
    log.add(txn);
    lsn += 3; // What a writer learns of the log is after its commit.
    return txn;
  }

  private static void apply(Map<String, Map<String, @Nullable String>> rows, Change change) {
    switch (change.op()) {
      case INSERT -> rows.put(change.id(), new LinkedHashMap<>(change.value()));
      case UPDATE -> {
        Map<String, @Nullable String> row = rows.get(change.id());
        if (row != null) {
          row.putAll(change.value());
        }
      }
      case DELETE -> rows.remove(change.id());
    }
  }

  /** What was committed by now is shown by streams. */
  void show() {
    visible = lsn;
  }

  boolean hasToShow() {
    return visible < lsn;
  }

  /** The shape ends; who follows it is told to begin anew. */
  void drop(String table, String user) {
    Shape shape = current.remove(table + "/" + user);
    if (shape != null) {
      shape.isDead = true;
    }
  }

  /** New clients get another shape from now on; who follows this one goes on. */
  void supersede(String table, String user) {
    Shape shape = current.remove(table + "/" + user);
    if (shape != null) {
      superseded.add(shape);
      currentShape(table, user);
    }
  }

  /** A shape that was superseded ends. */
  void dropSuperseded() {
    if (!superseded.isEmpty()) {
      superseded.remove(0).isDead = true;
    }
  }

  Optional<Shape> shape(String handle) {
    return Optional.ofNullable(shapes.get(handle));
  }

  private Shape currentShape(String table, String user) {
    return current.computeIfAbsent(
        table + "/" + user,
        unused -> {
          List<Map<String, @Nullable String>> rows = new ArrayList<>();
          rows(table, user).values().forEach(row -> rows.add(new LinkedHashMap<>(row)));
          Shape made = new Shape(++handles + "-1", table, user, lsn, txid + 1, rows);
          shapes.put(made.handle, made);
          return made;
        });
  }

  /** The messages of a shape's log, as far as it shows. */
  List<Message> messages(Shape shape) {
    List<Message> all = wholeLog(shape);
    while (shape.visible < all.size() && all.get(shape.visible).lsn() <= visible) {
      shape.visible++;
    }
    return all.subList(0, shape.visible);
  }

  private List<Message> wholeLog(Shape shape) {
    while (shape.logged < log.size()) {
      Txn txn = log.get(shape.logged++);
      if (txn.lsn() > shape.snapshotLsn) {
        shape.messages.addAll(messages(shape, txn));
      }
    }
    return shape.messages;
  }

  private static List<Message> messages(Shape shape, Txn txn) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < txn.changes().size(); i++) {
      if (shape.has(txn.changes().get(i))) {
        places.add(i);
      }
    }
    int last = places.isEmpty() ? 0 : places.get(places.size() - 1);
    return places.stream().map(place -> message(txn, place, place == last)).toList();
  }

  private static Message message(Txn txn, int place, boolean isLast) {
    Change change = txn.changes().get(place);
    String headers =
        "\"operation\":\"%s\",\"relation\":[\"public\",\"%s\"],\"txids\":[%d],\"lsn\":\"%d\",\"op_position\":%d%s"
            .formatted(
                change.op().text(),
                change.table(),
                txn.txid() & 0xFFFF_FFFFL,
                txn.lsn(),
                2L * place,
                isLast ? ",\"last\":true" : "");
    return new Message(
        new Offset(txn.lsn(), 2L * place),
        txn.lsn(),
        change,
        row(change.table(), change.id(), change.value(), headers));
  }

  private static String row(
      String table, String id, Map<String, @Nullable String> value, String headers) {
    StringBuilder json = new StringBuilder("{\"key\":");
    json.append(JsonText.quote("\"public\".\"" + table + "\"/\"" + id + "\""))
        .append(",\"value\":{");
    String separator = "";
    for (Map.Entry<String, @Nullable String> column : value.entrySet()) {
      json.append(separator).append(JsonText.quote(column.getKey())).append(':');
      String text = column.getValue();
      json.append(text == null ? "null" : JsonText.quote(text));
      separator = ",";
    }
    return json.append("},\"headers\":{").append(headers).append("}}").toString();
  }

  /** What a copy of a shape has to have, from one offset in its log to the next. */
  final class Copy {
    private final Shape shape;
    private final Map<String, Map<String, @Nullable String>> rows = new TreeMap<>();
    private Offset at = Offset.SNAPSHOT_END;
    private int next;

    Copy(Shape shape) {
      this.shape = shape;
      shape.rows.forEach(row -> rows.put(String.valueOf(row.get("id")), new LinkedHashMap<>(row)));
    }

    /** Whether it can go on from where it stands. */
    boolean leadsTo(Shape other, Offset offset) {
      return shape == other && !at.isAfter(offset);
    }

    Map<String, Map<String, @Nullable String>> rowsAt(Offset offset) {
      List<Message> log = wholeLog(shape);
      while (next < log.size() && !log.get(next).offset().isAfter(offset)) {
        apply(rows, log.get(next++).change());
      }
      at = offset;
      return rows;
    }
  }

  // --- reading

  /** What a request for a shape says. */
  record Asked(String table, Offset offset, String handle, boolean isLive, boolean isStream) {

    static Asked of(URI uri) {
      Map<String, String> parameters = new HashMap<>();
      for (String part : uri.getRawQuery().split("&", -1)) {
        int equals = part.indexOf('=');
        parameters.put(
            part.substring(0, equals), URLDecoder.decode(part.substring(equals + 1), UTF_8));
      }
      return new Asked(
          String.valueOf(parameters.get("table")),
          Offset.parse(String.valueOf(parameters.get("offset"))).orElseThrow(),
          parameters.getOrDefault("handle", ""),
          parameters.containsKey("live"),
          parameters.containsKey("live_sse"));
    }
  }

  /**
   * The answer now; empty if it has to be waited for.
   *
   * @param isRepeating whether some of what the client has is told once more, as some servers do
   *     after a restart
   */
  Optional<Answer> read(Asked asked, String user, boolean isTimeOver, boolean isRepeating) {
    boolean isFirst = asked.offset().equals(Offset.BEFORE_ALL);
    Shape shape;
    if (isFirst) {
      shape = currentShape(asked.table(), user);
    } else {
      Shape found = shapes.get(asked.handle());
      if (found == null || found.isDead || !found.user.equals(user)) {
        return Optional.of(
            new Answer(
                409,
                Map.of("electric-handle", currentShape(asked.table(), user).handle),
                "[{\"headers\":{\"control\":\"must-refetch\"}}]"));
      }
      shape = found;
    }
    int chunk = isFirst ? 0 : asked.offset().isInSnapshot() ? (int) asked.offset().op() + 1 : -1;
    if (chunk >= 0 && chunk < shape.chunks()) {
      return Optional.of(snapshot(shape, chunk));
    }
    return log(shape, asked, isTimeOver, isRepeating);
  }

  private static Answer snapshot(Shape shape, int chunk) {
    List<String> messages = new ArrayList<>();
    int to = Math.min(shape.rows.size(), (chunk + 1) * SNAPSHOT_CHUNK);
    for (Map<String, @Nullable String> row : shape.rows.subList(chunk * SNAPSHOT_CHUNK, to)) {
      messages.add(
          row(shape.table, String.valueOf(row.get("id")), row, "\"operation\":\"insert\""));
    }
    if (chunk == shape.chunks() - 1) {
      messages.add(
          "{\"headers\":{\"control\":\"snapshot-end\",\"xmin\":\"%d\",\"xmax\":\"%d\",\"xip_list\":[]}}"
              .formatted(shape.xmax, shape.xmax));
    }
    return answer(shape, Offset.snapshotChunk(chunk), messages, false);
  }

  private static Answer answer(
      Shape shape, Offset offset, List<String> messages, boolean isUpToDate) {
    Map<String, String> headers = new HashMap<>();
    headers.put("content-type", "application/json; charset=utf-8");
    headers.put("electric-handle", shape.handle);
    headers.put("electric-offset", offset.toString());
    if (isUpToDate) {
      headers.put("electric-up-to-date", "");
    }
    return new Answer(200, headers, "[" + String.join(",", messages) + "]");
  }

  static String upToDate(long lsn) {
    return "{\"headers\":{\"control\":\"up-to-date\",\"global_last_seen_lsn\":\"%d\"}}"
        .formatted(lsn);
  }

  private Optional<Answer> log(Shape shape, Asked asked, boolean isTimeOver, boolean isRepeating) {
    List<Message> all = messages(shape);
    List<Message> after = all.stream().filter(message -> isAfter(message, asked.offset())).toList();
    if (after.isEmpty() && asked.isLive() && !isTimeOver) {
      return Optional.empty();
    }
    int count = Math.min(after.size(), LOG_CHUNK);
    while (count < after.size()
        && after.get(count - 1).offset().op() == 0
        && after.get(count).lsn() == after.get(count - 1).lsn()) {
      count++;
    }
    List<String> messages = new ArrayList<>();
    if (isRepeating && asked.offset().tx() > 0) {
      repeated(all.subList(0, all.size() - after.size()))
          .forEach(message -> messages.add(message.json()));
    }
    after.subList(0, count).forEach(message -> messages.add(message.json()));
    Offset end = all.isEmpty() ? Offset.SNAPSHOT_END : all.get(all.size() - 1).offset();
    Offset offset = count == 0 ? end.max(asked.offset()) : after.get(count - 1).offset();
    boolean isUpToDate = count == after.size();
    if (isUpToDate) {
      long last = count == 0 ? 0 : after.get(count - 1).lsn();
      messages.add(upToDate(asked.isLive() && count > 0 ? last : Math.max(last, visible)));
    }
    return Optional.of(answer(shape, offset, messages, isUpToDate));
  }

  /** Some of what was told before, perhaps not the last of it. */
  private List<Message> repeated(List<Message> told) {
    int from = Math.max(0, told.size() - 1 - random.nextInt(5));
    return told.isEmpty()
        ? told
        : told.subList(from, from + 1 + random.nextInt(told.size() - from));
  }

  /** {@code L_0} is read as all of L. */
  static boolean isAfter(Message message, Offset offset) {
    return (offset.op() == 0 && offset.tx() > 0)
        ? message.lsn() > offset.tx()
        : message.offset().isAfter(offset);
  }

  long visible() {
    return visible;
  }

  int shapesMade() {
    return handles;
  }

  // --- writing

  /**
   * Applies a batch.
   *
   * @param isOnce whether the network has delivered it once only, so that what was sent before was
   *     sent by the client
   * @throws AssertionError if a client breaks its word about what it sends again
   */
  Answer write(HttpCall call, String user, boolean isOnce) {
    WriteBatch batch;
    try {
      batch = WriteBatch.read(JsonReader.read(call.body().orElse(""), JsonLimits.DEFAULT), 1000);
    } catch (InvalidJson e) {
      throw new AssertionError("a client sent " + e.getMessage(), e);
    }
    batch.changes().forEach(change -> receive(change, isOnce));
    List<WriteResult> results = new ArrayList<>();
    List<Change> written = new ArrayList<>();
    List<Integer> fresh = new ArrayList<>();
    Map<String, Map<String, Map<String, @Nullable String>>> before = copy();
    Set<String> rowsToRetry = new HashSet<>();
    for (List<WriteChange> group : groups(batch.changes())) {
      List<WriteResult> outcome = applyGroup(group, user, written, rowsToRetry);
      for (WriteResult result : outcome) {
        if (result.status() == WriteResult.Status.APPLIED
            || result.status() == WriteResult.Status.MERGED) {
          fresh.add(results.size());
        }
        results.add(result);
      }
    }
    if (!fresh.isEmpty()) {
      restore(before);
      Txn txn = commit(written);
      for (int index : fresh) {
        WriteResult result = results.get(index);
        WriteChange change = batch.changes().get(index);
        Applied applied = new Applied(change, user, txn.txid(), lsn, ledger.size());
        ledger.put(change.id(), applied);
        results.set(
            index,
            new WriteResult(
                result.id(),
                result.status(),
                Optional.of(Long.toString(txn.txid() & 0xFFFF_FFFFL)),
                Optional.of(new Lsn(lsn)),
                result.conflicts(),
                Optional.empty(),
                Optional.empty()));
      }
    }
    for (WriteResult result : results) {
      if (result.status() == WriteResult.Status.REJECTED) {
        rejected.add(result.id());
      }
    }
    return new Answer(
        200,
        Map.of("content-type", "application/json"),
        new WriteAnswer(results).toJson().toString());
  }

  private void receive(WriteChange change, boolean isOnce) {
    WriteChange first = received.putIfAbsent(change.id(), change);
    if (first == null) {
      return;
    }
    boolean isSame =
        first.table().equals(change.table())
            && first.op() == change.op()
            && first.payload().equals(change.payload())
            && first.createdAt().equals(change.createdAt())
            && first.base().equals(change.base())
            && first.tx().equals(change.tx());
    if (!isSame) {
      throw new AssertionError("sent again as another: " + first + " then " + change);
    }
    if (change.retryCount() == 0 && isOnce) {
      throw new AssertionError("sent again as if for the first time: " + change);
    }
  }

  private static List<List<WriteChange>> groups(List<WriteChange> changes) {
    List<List<WriteChange>> groups = new ArrayList<>();
    Optional<String> last = Optional.empty();
    for (WriteChange change : changes) {
      if (change.tx().isEmpty() || !change.tx().equals(last)) {
        groups.add(new ArrayList<>());
      }
      groups.get(groups.size() - 1).add(change);
      last = change.tx();
    }
    return groups;
  }

  private Map<String, Map<String, Map<String, @Nullable String>>> copy() {
    Map<String, Map<String, Map<String, @Nullable String>>> copy = new HashMap<>();
    tables.forEach((name, rows) -> {
      Map<String, Map<String, @Nullable String>> all = new TreeMap<>();
      rows.forEach((id, row) -> all.put(id, new LinkedHashMap<>(row)));
      copy.put(name, all);
    });
    return copy;
  }

  private void restore(Map<String, Map<String, Map<String, @Nullable String>>> copy) {
    tables.putAll(copy);
  }

  private List<WriteResult> applyGroup(
      List<WriteChange> group, String user, List<Change> written, Set<String> rowsToRetry) {
    Map<String, Map<String, Map<String, @Nullable String>>> before = copy();
    int writtenBefore = written.size();
    List<WriteResult> results = new ArrayList<>();
    Optional<WriteResult> failed = Optional.empty();
    for (WriteChange change : group) {
      WriteResult result = judge(change, user, written, rowsToRetry);
      results.add(result);
      if (result.error().isPresent() && failed.isEmpty()) {
        failed = Optional.of(result);
      }
    }
    if (failed.isEmpty()) {
      return results;
    }
    restore(before);
    while (written.size() > writtenBefore) {
      written.remove(written.size() - 1);
    }
    WriteResult cause = failed.get();
    boolean isRetry = cause.status() == WriteResult.Status.RETRY;
    List<WriteResult> all = new ArrayList<>();
    for (WriteChange change : group) {
      if (isRetry) {
        rowsToRetry.add(rowOf(change));
      }
      all.add(
          change.id().equals(cause.id())
              ? cause
              : WriteResult.failed(
                  change.id(), new WriteError("tx_failed", "another of its tx", isRetry)));
    }
    return all;
  }

  private static String rowOf(WriteChange change) {
    return change.table() + change.payload().member("id").orElse(Json.NULL);
  }

  private WriteResult judge(
      WriteChange change, String user, List<Change> written, Set<String> rowsToRetry) {
    Applied known = ledger.get(change.id());
    if (known != null) {
      return new WriteResult(
          change.id(),
          WriteResult.Status.DUPLICATE,
          Optional.of(Long.toString(known.txid() & 0xFFFF_FFFFL)),
          Optional.of(new Lsn(known.lsn())),
          List.of(),
          Optional.empty(),
          Optional.empty());
    }
    if (rowsToRetry.contains(rowOf(change)) || random.nextInt(100) < retries) {
      rowsToRetry.add(rowOf(change));
      return failed(change, "contended", true);
    }
    Map<String, @Nullable String> value = new LinkedHashMap<>();
    change.payload().byName().forEach((name, json) -> value.put(name, text(json)));
    String id = String.valueOf(value.get("id"));
    Map<String, Map<String, @Nullable String>> rows = table(change.table());
    Map<String, @Nullable String> row = rows.get(id);
    String a = value.get("a");
    if (a != null && a.startsWith("bad")) {
      return failed(change, "check_violation", false);
    }
    boolean isVisible = row != null && user.equals(row.get("owner"));
    List<Conflict> conflicts = new ArrayList<>();
    WriteChange.Op op = change.op();
    if (op == WriteChange.Op.INSERT && row == null) {
      value.putIfAbsent("owner", user);
      value.putIfAbsent("a", null);
      value.putIfAbsent("b", "7"); // A default of the database.
      if (!user.equals(value.get("owner"))) {
        return failed(change, "forbidden", false);
      }
    } else if (op == WriteChange.Op.INSERT) {
      if (!isVisible) {
        return failed(change, "unique_violation", false);
      }
      op = WriteChange.Op.UPDATE;
      value.remove("owner");
    } else if (!isVisible || row == null) {
      return failed(change, deleted.contains(id) ? "row_deleted" : "row_not_found", false);
    } else if (op == WriteChange.Op.UPDATE) {
      Map<String, @Nullable String> now = row;
      change
          .base()
          .ifPresent(base ->
              base.byName()
                  .forEach((name, json) -> {
                    String seen = text(json);
                    if (!java.util.Objects.equals(seen, now.get(name))) {
                      conflicts.add(
                          new Conflict(
                              name,
                              Optional.of(json),
                              change.payload().member(name).orElse(Json.NULL),
                              json(now.get(name)),
                              Conflict.Kept.YOURS));
                    }
                  }));
    } else {
      value.keySet().retainAll(Set.of("id"));
    }
    Change applied = new Change(change.table(), op, id, user, value);
    apply(rows, applied);
    written.add(applied);
    return new WriteResult(
        change.id(),
        conflicts.isEmpty() ? WriteResult.Status.APPLIED : WriteResult.Status.MERGED,
        Optional.empty(),
        Optional.empty(),
        conflicts,
        Optional.empty(),
        Optional.empty());
  }

  private static Json json(@Nullable String text) {
    return text == null ? Json.NULL : new Json.Text(text);
  }

  static @Nullable String text(Json json) {
    return switch (json) {
      case Json.Null nothing -> null;
      case Json.Text(String text) -> text;
      default -> json.toString();
    };
  }

  private static WriteResult failed(WriteChange change, String code, boolean isRetryable) {
    return WriteResult.failed(change.id(), new WriteError(code, code, isRetryable));
  }
}
