package dev.millrace.client;

import static dev.millrace.client.SimulatedDevice.ITEMS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.query.ChangeSet;
import dev.millrace.client.query.LiveQuery;
import dev.millrace.client.query.Query;
import dev.millrace.client.store.Row;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a live query gives and tells while users come and go, reads fail and listeners change. */
class LiveQueryTest {

  @TempDir private Path folder;
  private final FailingSqlite sqlite = new FailingSqlite();
  private final List<ChangeSet<String>> told = new ArrayList<>();
  private OneDevice device;
  private SyncManager sync;

  @BeforeEach
  void open() {
    device = new OneDevice(folder);
    device.sqlite = sqlite;
    sync = device.signIn(ITEMS);
    create("first");
    pass();
  }

  @AfterEach
  void close() {
    sync.close();
  }

  private void create(String a) {
    sync.rows(ITEMS).create(Map.of("id", UUID.randomUUID(), "a", a));
  }

  private void pass() {
    device.pass(Duration.ofSeconds(5));
  }

  private LiveQuery<String> live(UnaryOperator<String> reader) {
    return sync.live(Query.of(ITEMS), row -> reader.apply(text(row)));
  }

  private LiveQuery<String> live() {
    return live(a -> a);
  }

  private static String text(Row row) {
    return String.valueOf(row.get("a"));
  }

  @Test
  void noRowOfTheUsersIsGivenOnceSignedOut() {
    LiveQuery<String> live = live();
    assertThat(live.rows()).containsExactly("first");

    sync.signOut();

    assertThat(live.rows()).isEmpty();
  }

  @Test
  void aListenerHearsThatTheRowsOfWhoSignedOutAreGone() {
    LiveQuery<String> live = live();
    live.onChange(told::add);
    pass();

    sync.signOut();
    pass();

    assertThat(told).hasSize(1);
    assertThat(told.getLast().rows()).isEmpty();
    assertThat(told.getLast().removed()).containsExactly("first");
  }

  @Test
  void whatWasReadBeforeASignOutIsNotToldAfterIt() {
    LiveQuery<String> live =
        live(a -> {
          if (a.equals("second")) {
            sync.signOut();
          }
          return a;
        });
    live.onChange(told::add);

    create("second");
    pass();

    assertThat(sync.user()).isEmpty();
    assertThat(live.rows()).isEmpty();
    assertThat(told)
        .allSatisfy(changes -> {
          assertThat(changes.rows()).isEmpty();
          assertThat(changes.added()).isEmpty();
        });
  }

  @Test
  void rowsOfWhoSignedOutAreNotKeptWhereTheNextOnesCannotBeRead() {
    LiveQuery<String> live = live();
    live.onChange(told::add);
    pass();
    sync.signOut();
    create("the guest's");

    sqlite.refuse(sql -> true);
    pass();

    assertThat(live.rows()).isEmpty();
    assertThat(told.getLast().rows()).isEmpty();
    sqlite.heal();
    device.pass(Duration.ofMinutes(1));
    assertThat(live.rows()).containsExactly("the guest's");
    assertThat(told.getLast().added()).containsExactly("the guest's");
  }

  @Test
  void aListenerIsToldWhatHasChangedSinceTheRowsWereGiven() {
    LiveQuery<String> live = live();
    assertThat(live.rows()).containsExactly("first");
    create("second");
    pass();

    live.onChange(told::add);
    pass();

    assertThat(told).hasSize(1);
    assertThat(told.getLast().added()).containsExactly("second");
    assertThat(told.getLast().rows()).containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void aListenerIsNotToldWhatWasGivenBeforeItCame() {
    LiveQuery<String> live = live();
    create("second");
    pass();
    assertThat(live.rows()).hasSize(2);

    live.onChange(told::add);
    pass();

    assertThat(told).isEmpty();
  }

  @Test
  void aReadThatFailedIsTriedAgain() {
    sync.signOut();
    create("first");
    LiveQuery<String> live = live();
    live.onChange(told::add);
    pass();
    create("second");

    sqlite.refuse(sql -> true);
    pass();
    assertThat(live.rows()).containsExactly("first");
    sqlite.heal();
    device.pass(Duration.ofMinutes(1));

    assertThat(live.rows()).hasSize(2);
    assertThat(told).hasSize(1);
  }

  @Test
  void noOtherListenerIsCalledOnceOneHasClosedTheQuery() {
    LiveQuery<String> live = live();
    live.onChange(changes -> live.close());
    live.onChange(told::add);

    create("second");
    pass();

    assertThat(told).isEmpty();
  }
}
