package dev.millrace.client;

import static dev.millrace.client.SimulatedDevice.ITEMS;
import static dev.millrace.client.SimulatedDevice.TAGS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.store.ColumnType;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Overlay;
import dev.millrace.client.store.Row;
import dev.millrace.protocol.WriteChange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Another version of the application opens a store in which changes wait: realm-js 6603,
 * WatermelonDB 1609, flutter_data 279 lost them. A row was synced, then changed and another added
 * while offline, with a column {@code b} each.
 */
class MigrationTest {

  private static final UUID OLD = new UUID(0, 1);
  private static final UUID NEW = new UUID(0, 2);

  @TempDir private Path folder;
  private OneDevice device;
  private List<WriteChange> queued = List.of();
  private List<Overlay.Pending> overlay = List.of();
  private @Nullable SyncManager sync;

  @BeforeEach
  void leaveWorkUndone() {
    device = new OneDevice(folder);
    try (SyncManager before = device.signIn(ITEMS)) {
      before.rows(ITEMS).create(Map.of("id", OLD, "a", "old", "b", 1));
      device.pass(Duration.ofSeconds(10));
      device.weather.isOffline = true;
      before.rows(ITEMS).update(Map.of("id", OLD, "b", 5));
      before.rows(ITEMS).create(Map.of("id", NEW, "a", "new", "b", 2));
      device.pass(Duration.ofSeconds(10));
      queued = before.writeBuffer().peek(10);
      overlay = before.sessionOfNow().store().read(Overlay::list);
    }
    assertThat(queued).hasSize(2);
  }

  @AfterEach
  void close() {
    if (sync != null) {
      sync.close();
    }
  }

  private static Entity.Builder items() {
    return Entity.of("items").key("id", Scalar.UUID).owner("owner", Scalar.TEXT);
  }

  /** Opens it, finds nothing lost, and lets it be sent. */
  private List<Row> rowsOf(Entity entity) {
    sync = device.signIn(entity);
    assertThat(sync.writeBuffer().peek(10))
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("retryCount")
        .isEqualTo(queued);
    assertThat(sync.sessionOfNow().store().read(Overlay::list)).isEqualTo(overlay);
    return sync.rows(entity).all();
  }

  private void isSentAsItWasWritten(SyncManager opened) {
    device.weather.isOffline = false;
    device.pass(Duration.ofMinutes(3));
    assertThat(opened.status().isSynced()).isTrue();
    assertThat(device.server.rows("items", "ada").values())
        .extracting(row -> row.get("a") + row.get("b"))
        .containsExactlyInAnyOrder("old5", "new2");
  }

  private void isSentAsItWasWritten() {
    if (sync != null) {
      isSentAsItWasWritten(sync);
    }
  }

  @Test
  void aColumnIsAdded() {
    Entity more =
        items().column("a", Scalar.TEXT).column("b", Scalar.INT4).column("c", Scalar.TEXT).build();

    assertThat(rowsOf(more)).extracting(row -> row.get("b")).containsExactly(5, 2);
    assertThat(rows(more)).extracting(row -> row.get("c")).containsOnlyNulls();
    isSentAsItWasWritten();
  }

  private List<Row> rows(Entity entity) {
    return sync == null ? List.of() : sync.rows(entity).all();
  }

  @Test
  void aColumnIsForgottenAndKnownAgain() {
    Entity less = items().column("a", Scalar.TEXT).build();
    assertThat(rowsOf(less)).extracting(row -> row.get("a")).containsExactly("old", "new");
    close();

    assertThat(rowsOf(ITEMS)).extracting(row -> row.get("b")).containsExactly(5, 2);
    isSentAsItWasWritten();
  }

  @Test
  void aColumnIsCalledOtherwise() {
    Entity renamed = items().column("a", Scalar.TEXT).column("count", Scalar.INT4).build();

    assertThat(rowsOf(renamed)).extracting(row -> row.get("count")).containsOnlyNulls();
    isSentAsItWasWritten();
  }

  @Test
  void aColumnIsOfAnotherType() {
    for (ColumnType type : List.of(Scalar.TEXT, Scalar.INT8, Scalar.NUMERIC, Scalar.FLOAT8)) {
      Entity other = items().column("a", Scalar.TEXT).column("b", type).index("b").build();

      assertThat(rowsOf(other))
          .allSatisfy(row -> assertThat(row.get("b")).isInstanceOf(type.javaClass()));
      assertThat(rows(other))
          .extracting(row -> Double.valueOf("" + row.get("b")))
          .containsExactly(5.0, 2.0);
      close();
    }
    rowsOf(ITEMS);
    isSentAsItWasWritten();
  }

  @Test
  void theKeyIsOfAnotherType() {
    Entity other =
        Entity.of("items")
            .key("id", Scalar.TEXT)
            .owner("owner", Scalar.TEXT)
            .column("a", Scalar.TEXT)
            .column("b", Scalar.INT4)
            .build();

    assertThat(rowsOf(other))
        .extracting(row -> row.get("id") + ":" + row.get("b"))
        .containsExactly(OLD + ":5", NEW + ":2");
    isSentAsItWasWritten();
  }

  @Test
  void theKeyHasAnotherColumn() {
    Entity other =
        Entity.of("items")
            .key("id", Scalar.UUID)
            .key("region", Scalar.TEXT)
            .owner("owner", Scalar.TEXT)
            .column("a", Scalar.TEXT)
            .column("b", Scalar.INT4)
            .build();

    assertThat(rowsOf(other)).extracting(row -> row.get("a")).contains("new");
    close();
    assertThat(rowsOf(ITEMS)).extracting(row -> row.get("b")).containsExactly(5, 2);
    isSentAsItWasWritten();
  }

  @Test
  void theApplicationHasTheEntityNoMore() {
    sync = device.signIn(TAGS);
    assertThat(sync.writeBuffer().size()).isEqualTo(2);
    isSentAsItWasWritten();
    close();

    device.server.rekey("items", "ada", OLD.toString(), new UUID(0, 3).toString());
    sync = device.signIn(ITEMS);
    device.pass(Duration.ofMinutes(1));

    assertThat(sync.rows(ITEMS).all()).extracting(row -> row.get("b")).containsExactly(2, 5);
    assertThat(sync.sessionOfNow().store().read(Overlay::list)).isEmpty();
  }

  @Test
  void whatWasRejectedStaysADeadLetter() {
    device.weather.isOffline = false;
    try (SyncManager before = device.signIn(ITEMS)) {
      before.rows(ITEMS).update(Map.of("id", OLD, "a", "bad"));
      device.pass(Duration.ofMinutes(3));
      assertThat(before.writeBuffer().deadLetters()).hasSize(1);
    }

    sync = device.signIn(items().column("a", Scalar.TEXT).build());

    assertThat(sync.writeBuffer().deadLetters())
        .singleElement()
        .satisfies(letter -> assertThat(letter.payload().toString()).contains("bad"));
    assertThat(OneDevice.shown(sync.rows(sync.sessionOfNow().store().entities().getFirst())))
        .containsExactly("bad", "new");
  }
}
