package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.WriteBatch;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteResult;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.write.WriteException;
import dev.millrace.server.write.WriteGateway;
import dev.millrace.server.write.WritePolicies;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Batches sent one to three times each, over connections that break at any byte and a Postgres that
 * is killed meanwhile: what was acknowledged is there exactly once, and nothing else is. {@code
 * MILLRACE_CHANGES} says how many changes, {@code MILLRACE_SEED} which.
 */
class WriteExactlyOnceTest {
  private static final int CHANGES = 5_000;
  private static final int BATCH = 25;
  private static final int SENDERS = 6;
  private static final int MOST_BYTES = 60_000;

  @Test
  void whatIsAcknowledgedIsThereOnce() throws Exception {
    long seed = Workload.seed();
    Random random = new Random(seed);
    int count = Integer.parseInt(System.getenv().getOrDefault("MILLRACE_CHANGES", "" + CHANGES));
    try (LocalPostgres postgres = LocalPostgres.temporary(Map.of("fsync", "on"))) {
      String url = postgres.createDatabase("once");
      String name = url.substring(url.lastIndexOf('/') + 1);
      execute(
          postgres,
          name,
          "create role authenticated",
          "create table steps (id bigint generated always as identity, n int not null)",
          "grant all on steps to authenticated");
      URI upstream = URI.create("http://127.0.0.1:" + postgres.port());
      try (CuttingProxy proxy = CuttingProxy.start(upstream, MOST_BYTES, seed);
          WriteGateway gateway =
              WriteGateway.open(
                  DatabaseUrl.parse(
                      "postgresql://postgres@127.0.0.1:%d/%s"
                          .formatted(proxy.uri().getPort(), name)),
                  new WritePolicies(Map.of(), Duration.ofDays(90), SENDERS),
                  InstantSource.system());
          var senders = Executors.newFixedThreadPool(SENDERS)) {
        List<CompletableFuture<Integer>> sent = new ArrayList<>();
        for (int from = 0; from < count; from += BATCH) {
          WriteBatch batch = batch(from, Math.min(count, from + BATCH));
          for (int i = 1 + random.nextInt(3); i > 0; i--) {
            sent.add(CompletableFuture.supplyAsync(() -> send(gateway, batch), senders));
          }
        }
        for (int kill = 0; kill < 3; kill++) {
          int done = sent.size() * (kill + 1) / 5;
          sent.get(done).get(2, TimeUnit.MINUTES);
          postgres.kill();
          postgres.restart();
        }
        int applied = 0;
        for (CompletableFuture<Integer> answer : sent) {
          applied += answer.get(2, TimeUnit.MINUTES);
        }
        System.out.printf("%d connections cut, %d answers applied%n", proxy.cuts(), applied);
        assertThat(applied).isLessThanOrEqualTo(count);
      }
      try (Connection connection = postgres.connect(name);
          Statement statement = connection.createStatement();
          var rows =
              statement.executeQuery(
                  "select count(*), count(distinct n),"
                      + " (select count(*) from millrace.applied_change) from steps")) {
        rows.next();
        assertThat(List.of(rows.getInt(1), rows.getInt(2), rows.getInt(3)))
            .as("rows, changes, entries; MILLRACE_SEED=" + seed)
            .containsExactly(count, count, count);
      }
    }
  }

  private static void execute(LocalPostgres postgres, String name, String... statements)
      throws SQLException {
    try (Connection connection = postgres.connect(name);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** A table without a key of ours: a change that was applied twice is two rows. */
  private static WriteBatch batch(int from, int to) {
    List<WriteChange> changes = new ArrayList<>();
    for (int n = from; n < to; n++) {
      changes.add(Changes.insert("steps", "{'n':%d}".formatted(n)));
    }
    return WriteDatabase.batch("device", changes);
  }

  /** Sends until all is acknowledged; returns how many were applied rather than duplicates. */
  private static int send(WriteGateway gateway, WriteBatch batch) {
    Set<String> open = new HashSet<>();
    batch.changes().forEach(change -> open.add(change.id()));
    int applied = 0;
    while (!open.isEmpty()) {
      try {
        for (WriteResult result :
            gateway.apply(WriteDatabase.user(WriteDatabase.ADA), batch).results()) {
          if (result.status().isInDatabase() && open.remove(result.id())) {
            applied += result.status() == WriteResult.Status.APPLIED ? 1 : 0;
          } else if (!result.status().isInDatabase()) {
            assertThat(result.status()).isEqualTo(WriteResult.Status.RETRY);
          }
        }
      } catch (WriteException e) {
        java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
      }
    }
    return applied;
  }
}
