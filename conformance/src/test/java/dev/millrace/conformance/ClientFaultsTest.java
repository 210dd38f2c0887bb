package dev.millrace.conformance;

import static dev.millrace.conformance.ClientDevice.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.GuestData;
import dev.millrace.dev.LocalPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Devices against the real server, while connections break and processes are killed. */
@ExtendWith(OnePostgres.class)
class ClientFaultsTest {

  private static final int WRITES = 300;
  private static final Duration PACE = Duration.ofMillis(400);

  @TempDir private Path folder;

  @Test
  void allDevicesEndWithWhatPostgresHasAndNothingIsLost() throws Exception {
    long seed = Workload.seed();
    Random random = new Random(seed);
    try (LocalPostgres own = LocalPostgres.temporary(Map.of("fsync", "on"));
        WriteServer server = WriteServer.start(own, folder.resolve("server"));
        FaultyProxy proxy = FaultyProxy.start(server.database().server().uri(), seed);
        ClientDevice phone = ClientDevice.open(folder.resolve("phone"), proxy.uri(), true);
        ClientDevice desk = ClientDevice.open(folder.resolve("desk"), proxy.uri(), false)) {
      List<ClientDevice> devices = List.of(phone, desk);
      devices.forEach(device -> device.signIn("ada", GuestData.ADOPT));
      Set<UUID> written = new TreeSet<>();
      List<Set<UUID>> seen = List.of(new TreeSet<>(), new TreeSet<>());

      for (int i = 0; i < WRITES; i++) {
        int number = random.nextInt(2);
        ClientDevice device = devices.get(number);
        List<UUID> there = device.ids();
        // No row is ever deleted: what was there once stays.
        assertThat(there).as("seed %d, write %d", seed, i).containsAll(seen.get(number));
        seen.get(number).addAll(there);
        if (there.isEmpty() || random.nextInt(3) == 0) {
          UUID id = device.write("note " + i);
          written.add(id);
          seen.get(number).add(id);
        } else {
          UUID id = there.get(random.nextInt(there.size()));
          device.retitle(id, "edit " + i);
          assertThat(device.titles()).as("seed %d", seed).contains("edit " + i);
        }
        if (i % 10 == 9) {
          // So that some of it is on its way while more is written.
          device.sync().reconnect();
          device.sync().awaitSynced(PACE);
        }
        if (i == WRITES / 3) {
          server.database().server().kill();
          server.database().server().restart();
        } else if (i == 2 * WRITES / 3) {
          own.kill();
          own.restart();
        }
      }
      proxy.mend();

      for (ClientDevice device : devices) {
        device.sync().reconnect();
        assertThat(device.sync().awaitSynced(PATIENCE.multipliedBy(3)))
            .as(() -> "MILLRACE_SEED=%d %s".formatted(seed, device.sync().dump()))
            .isTrue();
        assertThat(device.sync().writeBuffer().deadLetters()).isEmpty();
      }
      List<String> expected = rows(server);
      assertThat(expected).hasSize(written.size());
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(devices)
                  .allSatisfy(device -> assertThat(rows(device)).isEqualTo(expected)));
      assertThat(proxy.met()).as("kinds of connections, seed %d", seed).hasSizeGreaterThan(3);
    }
  }

  private static List<String> rows(WriteServer server) throws java.sql.SQLException {
    String all =
        server
            .database()
            .query(
                "select coalesce(string_agg(id || ' ' || title, ',' order by id::text), '') from notes");
    return List.of(all.split(",", -1));
  }

  private static List<String> rows(ClientDevice device) {
    List<String> rows = new ArrayList<>();
    device.notes().all().forEach(row -> rows.add(row.get("id") + " " + row.get("title")));
    return rows.stream().sorted().toList();
  }

  @Test
  void aKilledClientHasKeptWhatItAcknowledgedAndSendsItOnce(LocalPostgres postgres)
      throws Exception {
    long seed = Workload.seed();
    try (WriteServer server = WriteServer.start(postgres, folder.resolve("server"));
        FaultyProxy proxy = FaultyProxy.start(server.database().server().uri(), seed)) {
      URI uri = proxy.uri();
      Path device = folder.resolve("device");
      Set<String> acknowledged = new TreeSet<>();
      for (int kill : List.of(3, 40, 150)) {
        acknowledged.addAll(ClientProcess.run(device, uri, 1000, kill));
      }

      proxy.mend();
      List<String> last = ClientProcess.run(device, uri, 1, -1);

      assertThat(last).as("seed %d", seed).endsWith("synced true");
      acknowledged.add(last.getFirst());
      acknowledged.removeIf(line -> line.startsWith("synced"));
      String found = server.database().query("select string_agg(id::text, ',') from notes");
      List<String> ids = List.of(found.split(",", -1));
      assertThat(ids).doesNotHaveDuplicates().containsAll(acknowledged);
    }
  }
}
