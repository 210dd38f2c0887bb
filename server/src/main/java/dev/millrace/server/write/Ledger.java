package dev.millrace.server.write;

import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import dev.millrace.protocol.WriteChange;
import dev.millrace.server.write.RoundTrip.Reply;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Our own tables, as one transaction uses them: which changes of this user were applied, who wrote
 * a row before, and which values lost. An entry belongs to its user: another's changes are neither
 * found nor in the way.
 */
final class Ledger {

  /** A change without a time is of no time. */
  private static final String CREATED = "coalesce(to_timestamp(u.at::float8 / 1000), '-infinity')";

  private static final String ENTER =
      """
      insert into millrace.applied_change
             (subject, created_at, id, client_id, op, relation, row_key, columns)
      select ?, %s, u.id::uuid, ?, coalesce(u.op, ?), coalesce(u.relation, ?)::oid,
             u.row_key::bigint, coalesce(u.columns, ?)::smallint[]
        from unnest(?, ?, ?, ?, ?, ?) u (id, at, row_key, op, relation, columns)
       order by 2, 3
      """
          .formatted(CREATED);

  private static final String CLAIM = ENTER + "on conflict do nothing";

  private static final String APPLIED =
      """
      select a.id, u.at, a.txid::xid::text
        from unnest(@, @) u (id, at)
        join millrace.applied_change a
          on a.subject = ? and a.id = u.id::uuid and a.created_at = %s
       where a.txid is distinct from pg_current_xact_id_if_assigned()
      """
          .formatted(CREATED)
          .replace("@", RowStatements.HIDDEN);

  private static final String RELEASE =
      """
      delete from millrace.applied_change a using unnest(@, @) u (id, at)
       where a.subject = ? and a.id = u.id::uuid and a.created_at = %s
      """
          .formatted(CREATED)
          .replace("@", RowStatements.HIDDEN);

  private static final String CONFLICTS =
      """
      select change_id, column_name, base, yours, theirs, kept
        from millrace.conflict where subject = ? and change_id = any(?::uuid[]) order by id
      """;

  private static final String RECORD =
      """
      insert into millrace.conflict
             (subject, client_id, change_id, relation, row_key, column_name,
              base, yours, theirs, kept)
      select ?, ?, u.id::uuid, u.relation, u.row_key::json, u.name,
             u.base::json, u.yours::json, u.theirs::json, u.kept
        from unnest(?, ?, ?, ?, ?, ?, ?, ?)
               u (id, relation, row_key, name, base, yours, theirs, kept)
      """;

  /**
   * What reached Postgres so shortly before a change was made may not have been on its author's
   * screen.
   */
  private static final Duration ON_THE_WAY = Duration.ofSeconds(10);

  /** What others wrote to rows since a change was made: the place, and columns or null for all. */
  private static final String OTHERS =
      """
      select u.ord, a.columns
        from unnest(@, @, @) with ordinality u (row_key, relation, at, ord)
        join millrace.applied_change a
          on a.row_key = u.row_key::bigint and a.relation = u.relation::oid
         and a.applied_at > %s - interval '%d seconds'
       where (a.subject, a.client_id) is distinct from (?, ?)
      """
          .formatted(CREATED, ON_THE_WAY.toSeconds())
          .replace("@", RowStatements.HIDDEN);

  private static final String GONE =
      """
      select u.ord
        from unnest(@, @) with ordinality u (row_key, relation, ord)
       where exists (select from millrace.applied_change a
                      where a.row_key = u.row_key::bigint and a.relation = u.relation::oid
                        and a.op = 'delete'
                        and a.txid is distinct from pg_current_xact_id_if_assigned())
         and exists (select from millrace.applied_change a
                      where a.row_key = u.row_key::bigint and a.relation = u.relation::oid
                        and a.subject = ?
                        and a.txid is distinct from pg_current_xact_id_if_assigned())
      """
          .replace("@", RowStatements.HIDDEN);

  /** Names a change: its id and time, in milliseconds. */
  record Name(UUID id, OptionalLong createdAt) {
    static Name of(WriteChange change) {
      return new Name(UUID.fromString(change.id()), change.createdAt());
    }
  }

  private final WriteSession session;
  private final String subject;
  private final @Nullable String clientId;

  Ledger(WriteSession session, String subject, Optional<String> clientId) {
    this.session = session;
    this.subject = subject;
    this.clientId = clientId.orElse(null);
  }

  /**
   * Enters changes as applied by this transaction, and says how many were new. Waits for a
   * transaction that has entered one of them and has not ended.
   */
  long claim(List<RowChange> changes) throws SQLException {
    return session.run(entry(CLAIM, changes)).count();
  }

  /**
   * Enters changes that are most likely new, with the next round trip. That one fails if a change
   * is not new after all.
   */
  void enter(List<RowChange> changes) {
    session.postpone(entry(ENTER, changes));
  }

  /** What is the same for all changes is said once. */
  private RoundTrip entry(String sql, List<RowChange> changes) {
    RowChange first = changes.getFirst();
    boolean isAlike = changes.stream().allMatch(change -> change.kind().equals(first.kind()));
    List<RowChange> various = isAlike ? List.of() : changes;
    return session
        .asOurselves()
        .add(
            sql,
            subject,
            clientId,
            isAlike ? first.op().text() : null,
            isAlike ? Long.toString(first.table().oid()) : null,
            isAlike ? first.columnNumbers() : null,
            texts(changes, change -> change.change().id()),
            texts(changes, change -> millis(change.change())),
            texts(changes, Ledger::rowKey),
            texts(various, change -> change.op().text()),
            texts(various, change -> Long.toString(change.table().oid())),
            texts(various, RowChange::columnNumbers));
  }

  private static @Nullable String millis(WriteChange change) {
    return change.createdAt().isPresent() ? Long.toString(change.createdAt().getAsLong()) : null;
  }

  private static @Nullable String rowKey(RowChange change) {
    return change.rowHash().map(String::valueOf).orElse(null);
  }

  /** Those that other transactions have applied, with the ids of the transactions. */
  Map<Name, String> applied(Collection<WriteChange> changes) throws SQLException {
    List<WriteChange> asked = List.copyOf(changes);
    Reply reply =
        session.run(
            session
                .asOurselves()
                .add(
                    APPLIED, texts(asked, WriteChange::id), texts(asked, Ledger::millis), subject));
    Map<Name, String> found = new HashMap<>();
    for (List<@Nullable String> row : reply.rows()) {
      String at = row.get(1);
      OptionalLong createdAt =
          at == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(at));
      found.put(new Name(UUID.fromString(row.get(0)), createdAt), String.valueOf(row.get(2)));
    }
    return found;
  }

  /** Takes back what {@link #claim} entered. */
  void release(List<RowChange> changes) throws SQLException {
    List<WriteChange> entered = changes.stream().map(RowChange::change).toList();
    session.run(
        session
            .asOurselves()
            .add(
                RELEASE, texts(entered, WriteChange::id), texts(entered, Ledger::millis), subject));
  }

  /** The conflicts that changes met when they were applied. */
  Map<UUID, List<Conflict>> conflicts(Collection<UUID> changes) throws SQLException {
    String[] ids = changes.stream().map(UUID::toString).toArray(String[]::new);
    Reply reply = session.run(session.asOurselves().add(CONFLICTS, subject, ids));
    Map<UUID, List<Conflict>> found = new HashMap<>();
    for (List<@Nullable String> row : reply.rows()) {
      Conflict conflict =
          new Conflict(
              String.valueOf(row.get(1)),
              Optional.ofNullable(row.get(2)).map(Ledger::json),
              json(row.get(3)),
              json(row.get(4)),
              "yours".equals(row.get(5)) ? Conflict.Kept.YOURS : Conflict.Kept.THEIRS);
      found.computeIfAbsent(UUID.fromString(row.get(0)), id -> new ArrayList<>()).add(conflict);
    }
    return found;
  }

  /** JSON as Postgres writes it; what is more than we read is given as its text. */
  static Json json(@Nullable String text) {
    if (text == null) {
      return Json.NULL;
    }
    try {
      return JsonReader.read(text, JsonLimits.DEFAULT);
    } catch (InvalidJson e) {
      return new Json.Text(text);
    }
  }

  private record Lost(RowChange change, Conflict conflict) {}

  /** Keeps the values that lost. */
  void record(Map<RowChange, Outcome.Done> outcomes) throws SQLException {
    List<Lost> all = new ArrayList<>();
    outcomes.forEach(
        (change, done) -> done.conflicts().forEach(one -> all.add(new Lost(change, one))));
    if (all.isEmpty()) {
      return;
    }
    session.run(
        session
            .asOurselves()
            .add(
                RECORD,
                subject,
                clientId,
                texts(all, lost -> lost.change().change().id()),
                texts(all, lost -> lost.change().table().name().toString()),
                texts(all, lost -> lost.change().keyJson().toString()),
                texts(all, lost -> lost.conflict().column()),
                texts(all, lost -> lost.conflict().base().map(Json::toString).orElse(null)),
                texts(all, lost -> lost.conflict().yours().toString()),
                texts(all, lost -> lost.conflict().theirs().toString()),
                texts(all, lost -> lost.conflict().kept().name().toLowerCase(Locale.ROOT))));
  }

  /**
   * For each change the numbers of the columns that another user or device has written since it was
   * made; one that has no entry was not met by anybody. All columns are the number 0.
   */
  Map<RowChange, Set<Integer>> others(List<RowChange> changes) throws SQLException {
    Reply reply =
        session.run(
            session
                .asOurselves()
                .add(
                    OTHERS,
                    texts(changes, Ledger::rowKey),
                    texts(changes, change -> Long.toString(change.table().oid())),
                    texts(changes, change -> millis(change.change())),
                    subject,
                    clientId));
    Map<RowChange, Set<Integer>> found = new HashMap<>();
    for (List<@Nullable String> row : reply.rows()) {
      found
          .computeIfAbsent(at(changes, row), change -> new HashSet<>())
          .addAll(numbers(row.get(1)));
    }
    return found;
  }

  private static Set<Integer> numbers(@Nullable String columns) {
    if (columns == null) {
      return Set.of(0);
    }
    Set<Integer> numbers = new HashSet<>();
    for (String number : columns.substring(1, columns.length() - 1).split(",", -1)) {
      if (!number.isEmpty()) {
        numbers.add(Integer.valueOf(number));
      }
    }
    return numbers;
  }

  /**
   * Those of rows that were deleted, as far as this user may know: who has never written to a row
   * is not told that there was one.
   */
  Set<RowChange> gone(List<RowChange> changes) throws SQLException {
    Reply reply =
        session.run(
            session
                .asOurselves()
                .add(
                    GONE,
                    texts(changes, Ledger::rowKey),
                    texts(changes, change -> Long.toString(change.table().oid())),
                    subject));
    Set<RowChange> gone = new HashSet<>();
    reply.rows().forEach(row -> gone.add(at(changes, row)));
    return gone;
  }

  private static RowChange at(List<RowChange> changes, List<@Nullable String> row) {
    return changes.get(Integer.parseInt(String.valueOf(row.getFirst())) - 1);
  }

  private static <T> @Nullable String[] texts(List<T> list, Function<T, @Nullable String> text) {
    @Nullable String[] texts = new @Nullable String[list.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = text.apply(list.get(i));
    }
    return texts;
  }
}
