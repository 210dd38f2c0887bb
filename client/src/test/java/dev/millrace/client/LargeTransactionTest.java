package dev.millrace.client;

import static dev.millrace.client.SimulatedDevice.ITEMS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.SyncedTable;
import dev.millrace.client.stream.ShapeStream;
import dev.millrace.client.transport.HttpCall;
import dev.millrace.client.transport.HttpHead;
import dev.millrace.client.transport.TokenSource;
import dev.millrace.client.transport.Transport;
import dev.millrace.client.transport.World;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions over an event stream that are larger than it is well to keep in memory. */
class LargeTransactionTest {

  private static final Map<String, String> HEADERS =
      Map.of("electric-handle", "h", "electric-offset", "0_0");

  @TempDir private Path folder;
  private final SimulatedTime time = new SimulatedTime();
  private final SimulatedTime.Lane lane = time.lane();
  private final List<HttpCall> calls = new ArrayList<>();
  private final List<Transport.Listener> listeners = new ArrayList<>();
  private Store store;
  private ShapeStream stream;
  private int rows;

  private final class Asked implements Transport {
    @Override
    public Exchange send(HttpCall call, Listener listener, Executor executor) {
      calls.add(call);
      listeners.add(listener);
      return () -> {};
    }

    @Override
    public void close() {
      calls.clear();
    }
  }

  /** Follows an event stream of an empty shape. */
  @BeforeEach
  void follow() {
    store = Store.open(new JdbcSqlite(), folder.resolve("store.db"), List.of(ITEMS), false);
    World world =
        new World(
            lane,
            new Asked(),
            () -> Instant.ofEpochSecond(1_800_000_000),
            time::nanos,
            new Random(1),
            (isRefresh, answer) -> answer.accept(new TokenSource.Asked.Ready(Optional.empty())));
    stream =
        new ShapeStream(
            world,
            URI.create("http://model"),
            ITEMS,
            new SyncedTable(store, ITEMS),
            true,
            status -> {});
    stream.start();
    Transport.Listener first = listeners.getLast();
    first.onHead(new HttpHead(200, HEADERS));
    first.onBody(("[" + ModelServer.upToDate(1) + "]").getBytes(UTF_8));
    first.onEnd();
    assertThat(calls.getLast().uri().toString()).contains("live_sse=true");
    listeners
        .getLast()
        .onHead(
            new HttpHead(
                200,
                Map.of(
                    "content-type",
                    "text/event-stream",
                    "electric-handle",
                    "h",
                    "electric-offset",
                    "0_0")));
    assertThat(calls).hasSize(2);
  }

  @AfterEach
  void close() {
    stream.stop();
    store.close();
  }

  /** Tells rows of one transaction. */
  private void tell(int count, int length, boolean isLast) {
    StringBuilder frames = new StringBuilder();
    for (int i = 0; i < count; i++) {
      UUID id = new UUID(1, rows);
      String last = isLast && i == count - 1 ? ",\"last\":true" : "";
      frames.append(
          """
          data: {"key":"\\"public\\".\\"items\\"/\\"%s\\"","value":{"id":"%s","owner":"ada","a":"%s","b":null},\
          "headers":{"operation":"insert","relation":["public","items"],"txids":[7],"lsn":"9","op_position":%d%s}}

          """
              .formatted(id, id, "x".repeat(length), 2 * rows, last));
      rows++;
    }
    listeners.get(1).onBody(frames.toString().getBytes(UTF_8));
  }

  private long stored() {
    return store.read(tx -> tx.number("select count(*) from items"));
  }

  @Test
  void aTransactionOfVeryManyRowsIsAskedForInPieces() {
    for (int i = 0; i < 60; i++) {
      tell(1_000, 1, false);
    }

    assertThat(calls).hasSize(3);
    assertThat(calls.getLast().uri().toString()).contains("handle=h").doesNotContain("live");
    assertThat(stored()).isZero();
  }

  @Test
  void soIsOneOfVeryLargeRows() {
    for (int i = 0; i < 40; i++) {
      tell(1, 1_000_000, false);
    }

    assertThat(calls).hasSize(3);
    assertThat(calls.getLast().uri().toString()).doesNotContain("live");
  }

  @Test
  void whatIsWholeIsStoredOnTheWayAndTheStreamGoesOn() {
    tell(9_000, 1, true);
    assertThat(stored()).isZero();
    tell(2_000, 1, false);
    assertThat(stored()).isEqualTo(9_000);
    tell(2_000, 1, true);
    listeners.get(1).onBody(("data: " + ModelServer.upToDate(9) + "\n\n").getBytes(UTF_8));

    assertThat(stored()).isEqualTo(13_000);
    assertThat(calls).hasSize(2);
  }
}
