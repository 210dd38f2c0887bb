package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.MergeModel.Lost;
import dev.millrace.conformance.MergeModel.Policy;
import dev.millrace.conformance.MergeModel.Verdict;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteResult;
import dev.millrace.server.write.ConflictPolicy;
import dev.millrace.server.write.TablePolicy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two or three devices edit the same few rows in any order, hear of each other now and then, and
 * lose answers: each change is answered as {@link MergeModel} says, every value that lost is in the
 * answer and in {@code millrace.conflict}, and in the end all show the rows of the model. {@code
 * MILLRACE_SEED} says which edits, {@code MILLRACE_ROUNDS} how many times.
 */
@ExtendWith(OnePostgres.class)
class WriteMergeTest {
  private static final int ROUNDS = 80;
  private static final int STEPS = 40;
  private static final int MOST_SENT = 6;

  private static final Set<String> UNION = Set.of("tags");

  private static final Map<String, TablePolicy> POLICIES =
      Map.of(
          table(Policy.MERGE_FIELDS),
          new TablePolicy(new ConflictPolicy.MergeFields(), UNION),
          table(Policy.LAST_WRITE_WINS),
          new TablePolicy(new ConflictPolicy.LastWriteWins("edited"), UNION),
          table(Policy.REJECT_STALE),
          new TablePolicy(new ConflictPolicy.RejectStale(), UNION),
          table(Policy.KEEP_BOTH),
          new TablePolicy(new ConflictPolicy.KeepBoth("title"), UNION));

  private final WriteDatabase database;

  WriteMergeTest(LocalPostgres postgres) throws SQLException {
    database = WriteDatabase.open(postgres, POLICIES);
    for (String table : POLICIES.keySet()) {
      database.execute(
          """
          create table %s (
            id uuid primary key, title text, year int, edited bigint, tags text[] not null)\
          """
              .formatted(table),
          "grant all on %s to authenticated".formatted(table));
    }
    database.apply(WriteDatabase.ADA); // By then the gateway has its tables.
  }

  private static String table(Policy policy) {
    return policy.name().toLowerCase(Locale.ROOT);
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  @Test
  void whateverDevicesDoEachValueIsTheModelsOrAConflict() throws SQLException {
    long seed = Workload.seed();
    int rounds = Integer.parseInt(System.getenv().getOrDefault("MILLRACE_ROUNDS", "" + ROUNDS));
    Random random = new Random(seed);
    List<Policy> policies = List.of(Policy.values());
    int conflicts = 0;
    int rejections = 0;
    int changes = 0;
    for (int round = 0; round < rounds; round++) {
      Round played = new Round(policies.get(round % policies.size()), random, "seed %d, round %d");
      played.play(seed, round);
      conflicts += played.model.lost().size();
      rejections += played.rejections;
      changes += played.changes;
    }
    System.out.printf("%d changes, %d conflicts, %d rejected%n", changes, conflicts, rejections);
    assertThat(conflicts).as("a test without conflicts shows nothing").isGreaterThan(rounds);
    assertThat(rejections).isPositive();
  }

  /** One table, a few new rows, some devices. */
  private final class Round {
    private final Policy policy;
    private final Random random;
    private final String name;
    private final MergeModel model;
    private final List<String> ids;
    private final List<MergeDevice> devices = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private int rejections;
    private int changes;

    Round(Policy policy, Random random, String name) {
      this.policy = policy;
      this.random = random;
      this.name = name;
      this.model = new MergeModel(policy);
      this.ids =
          IntStream.range(0, 3)
              .mapToObj(i -> new UUID(random.nextLong(), random.nextLong()).toString())
              .toList();
    }

    void play(long seed, int number) throws SQLException {
      database.execute("truncate " + table(policy), "truncate millrace.conflict");
      long now = System.currentTimeMillis();
      for (int i = 0; i < 2 + random.nextInt(2); i++) {
        devices.add(new MergeDevice("device-" + i, random, now));
      }
      story.add(name.formatted(seed, number));
      for (int step = 0; step < STEPS; step++) {
        MergeDevice device = devices.get(random.nextInt(devices.size()));
        switch (random.nextInt(5)) {
          case 0 -> send(device, random.nextInt(4) == 0);
          case 1 -> device.hear(rows());
          default -> device.edit(ids);
        }
      }
      for (MergeDevice device : devices) {
        while (!device.queue().isEmpty()) {
          send(device, random.nextInt(6) == 0);
        }
      }
      Map<String, Map<String, Json>> end = rows();
      assertThat(end).as("%s", story).isEqualTo(model.rows());
      for (MergeDevice device : devices) {
        device.hear(end);
        assertThat(device.view()).as("%s", story).isEqualTo(model.rows());
      }
      assertThat(lost())
          .as("%s", story)
          .containsExactlyInAnyOrderElementsOf(model.lost().stream().map(Round::line).toList());
    }

    /** Sends the oldest changes; a device that hears no answer sends them again. */
    private void send(MergeDevice device, boolean isAnswerLost) {
      List<WriteChange> queue = device.queue();
      List<WriteChange> sent =
          queue.subList(0, Math.min(queue.size(), 1 + random.nextInt(MOST_SENT))).stream()
              .map(change -> ofTable(table(policy), change))
              .toList();
      if (sent.isEmpty()) {
        return;
      }
      List<WriteResult> results = database.apply(WriteDatabase.ADA, device.name(), sent);
      for (int i = 0; i < sent.size(); i++) {
        WriteResult result = results.get(i);
        Optional<String> key =
            result.row().flatMap(row -> row.member("id")).map(id -> ((Json.Text) id).value());
        Verdict verdict = model.apply(device.name(), sent.get(i), key);
        story.add("%s: %s -> %s".formatted(device.name(), sent.get(i).toJson(), verdict.end()));
        assertThat(Changes.end(result)).as("%s", story).isEqualTo(verdict.end());
        assertThat(result.conflicts()).as("%s", story).isEqualTo(verdict.conflicts());
        assertThat(result.row().map(row -> new TreeMap<>(row.byName())))
            .as("%s", story)
            .isEqualTo(verdict.row());
        rejections += result.status().isInDatabase() ? 0 : 1;
        changes++;
      }
      List<WriteChange> done = queue.subList(0, sent.size());
      if (isAnswerLost) {
        done.replaceAll(change -> Changes.at(change.createdAt(), random.nextInt(2), change));
      } else {
        done.clear();
      }
    }

    private Map<String, Map<String, Json>> rows() throws SQLException {
      Map<String, Map<String, Json>> rows = new TreeMap<>();
      String all =
          database.query(
              "select coalesce(json_object_agg(id, row_to_json(t)), '{}') from %s t"
                  .formatted(table(policy)));
      Changes.json(all)
          .byName()
          .forEach((id, row) -> rows.put(id, new TreeMap<>(((Json.Members) row).byName())));
      return rows;
    }

    /** What is in {@code millrace.conflict}. */
    private List<String> lost() throws SQLException {
      String all =
          database.query(
              """
              select coalesce(json_agg(concat_ws(' ', client_id, change_id, column_name,
                       coalesce(base::text, '-'), yours, theirs, kept)), '[]')
                from millrace.conflict
              """);
      Json.Array lines =
          (Json.Array) MergeModel.cell(Changes.json("{\"all\":" + all + "}").byName(), "all");
      return lines.items().stream().map(line -> ((Json.Text) line).value()).toList();
    }

    private static String line(Lost lost) {
      Conflict conflict = lost.conflict();
      return String.join(
          " ",
          lost.device(),
          lost.change(),
          conflict.column(),
          conflict.base().map(Json::toString).orElse("-"),
          conflict.yours().toString(),
          conflict.theirs().toString(),
          conflict.kept().name().toLowerCase(Locale.ROOT));
    }
  }

  private static WriteChange ofTable(String table, WriteChange change) {
    return new WriteChange(
        change.id(),
        table,
        change.op(),
        change.payload(),
        change.createdAt(),
        change.base(),
        change.tx(),
        change.status(),
        change.retryCount());
  }
}
