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
import java.util.Comparator;
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

  private static final String INTO =
      """
      insert into millrace.applied_change
             (subject, client_id, created_at, id, row_key, op, relation, columns)
      """;

  /** Changes that do the same to the same columns; what they share is read once. */
  private static final String ENTER_ALIKE =
      INTO
          + """
          select ?, ?, u.at, u.id, u.row_key, ?, (select ?::oid), (select ?::smallint[])
            from unnest(?, ?, ?) u (at, id, row_key)
          """;

  private static final String ENTER =
      INTO
          + """
          select ?, ?, u.at, u.id, u.row_key, u.op, u.relation::oid, u.columns::smallint[]
            from unnest(?, ?, ?, ?, ?, ?) u (at, id, row_key, op, relation, columns)
          """;

  private static final String UNLESS_THERE = "on conflict do nothing";

  /** So that two who enter the same changes do not wait for each other. */
  private static final Comparator<RowChange> ORDER =
      Comparator.comparing(RowChange::name, Name.ORDER);

  private static final String APPLIED =
      """
      select u.ord, a.txid::xid::text
        from unnest(@, @) with ordinality u (at, id, ord)
        join millrace.applied_change a
          on a.subject = ? and a.id = u.id and a.created_at = u.at
       where a.txid is distinct from pg_current_xact_id_if_assigned()
      """
          .replace("@", RowStatements.HIDDEN);

  private static final String RELEASE =
      """
      delete from millrace.applied_change a using unnest(@, @) u (at, id)
       where a.subject = ? and a.id = u.id and a.created_at = u.at
      """
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
          on a.row_key = u.row_key and a.relation = u.relation::oid
         and a.applied_at > u.at - interval '%d seconds'
       where (a.subject, a.client_id) is distinct from (?, ?)
      """
          .formatted(ON_THE_WAY.toSeconds())
          .replace("@", RowStatements.HIDDEN);

  private static final String GONE =
      """
      select u.ord
        from unnest(@, @) with ordinality u (row_key, relation, ord)
       where exists (select from millrace.applied_change a
                      where a.row_key = u.row_key and a.relation = u.relation::oid
                        and a.op = 'delete'
                        and a.txid is distinct from pg_current_xact_id_if_assigned())
         and exists (select from millrace.applied_change a
                      where a.row_key = u.row_key and a.relation = u.relation::oid
                        and a.subject = ?
                        and a.txid is distinct from pg_current_xact_id_if_assigned())
      """
          .replace("@", RowStatements.HIDDEN);

  /** Names a change: its id and time, in milliseconds. */
  record Name(UUID id, OptionalLong createdAt) {
    /** By time, then by the id's bytes. */
    private static final Comparator<Name> ORDER =
        Comparator.<Name>comparingLong(name -> name.createdAt().orElse(Long.MIN_VALUE))
            .thenComparing(name -> name.id().getMostSignificantBits(), Long::compareUnsigned)
            .thenComparing(name -> name.id().getLeastSignificantBits(), Long::compareUnsigned);

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
    return session.run(entry(changes, UNLESS_THERE)).count();
  }

  /**
   * Enters changes that are most likely new, with the next round trip. That one fails if a change
   * is not new after all.
   */
  void enter(List<RowChange> changes) {
    session.postpone(entry(changes, ""));
  }

  private RoundTrip entry(List<RowChange> changes, String otherwise) {
    List<RowChange> ordered = new ArrayList<>(changes);
    ordered.sort(ORDER);
    RowChange first = changes.getFirst();
    boolean isAlike = changes.stream().allMatch(change -> change.kind().equals(first.kind()));
    List<@Nullable Object> values = new ArrayList<>();
    values.add(subject);
    values.add(clientId);
    if (isAlike) {
      values.add(first.op().text());
      values.add(Long.toString(first.table().oid()));
      values.add(first.columnNumbers());
    }
    List<Name> names = ordered.stream().map(RowChange::name).toList();
    values.add(times(names));
    values.add(ids(names));
    values.add(rowKeys(ordered));
    if (!isAlike) {
      values.add(texts(ordered, change -> change.op().text()));
      values.add(texts(ordered, change -> Long.toString(change.table().oid())));
      values.add(texts(ordered, RowChange::columnNumbers));
    }
    return session.asOurselves().add((isAlike ? ENTER_ALIKE : ENTER) + otherwise, values.toArray());
  }

  private static BinaryArray times(List<Name> names) {
    return BinaryArray.ofTimes(names.stream().map(Name::createdAt).toList());
  }

  private static BinaryArray ids(List<Name> names) {
    return BinaryArray.ofUuids(names.stream().map(Name::id).toList());
  }

  private static BinaryArray rowKeys(List<RowChange> changes) {
    List<@Nullable Long> keys = new ArrayList<>(changes.size());
    changes.forEach(change -> keys.add(change.rowHash().orElse(null)));
    return BinaryArray.ofLongs(keys);
  }

  /** Those that other transactions have applied, with the ids of the transactions. */
  Map<Name, String> applied(Collection<WriteChange> changes) throws SQLException {
    List<Name> asked = changes.stream().map(Name::of).toList();
    Reply reply =
        session.run(session.asOurselves().add(APPLIED, times(asked), ids(asked), subject));
    Map<Name, String> found = new HashMap<>();
    for (List<@Nullable String> row : reply.rows()) {
      found.put(at(asked, row), String.valueOf(row.get(1)));
    }
    return found;
  }

  /** Takes back what {@link #claim} entered. */
  void release(List<RowChange> changes) throws SQLException {
    List<Name> entered = changes.stream().map(RowChange::name).toList();
    session.run(session.asOurselves().add(RELEASE, times(entered), ids(entered), subject));
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
                    rowKeys(changes),
                    texts(changes, change -> Long.toString(change.table().oid())),
                    times(changes.stream().map(RowChange::name).toList()),
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
                    rowKeys(changes),
                    texts(changes, change -> Long.toString(change.table().oid())),
                    subject));
    Set<RowChange> gone = new HashSet<>();
    reply.rows().forEach(row -> gone.add(at(changes, row)));
    return gone;
  }

  private static <T> T at(List<T> asked, List<@Nullable String> row) {
    return asked.get(Integer.parseInt(String.valueOf(row.getFirst())) - 1);
  }

  private static <T> @Nullable String[] texts(List<T> list, Function<T, @Nullable String> text) {
    @Nullable String[] texts = new @Nullable String[list.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = text.apply(list.get(i));
    }
    return texts;
  }
}
