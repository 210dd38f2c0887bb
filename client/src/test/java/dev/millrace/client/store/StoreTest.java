package dev.millrace.client.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.protocol.WriteChange;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store meets libraries that are older and newer than what wrote it. */
class StoreTest {

  private static final Entity NOTES =
      Entity.of("notes").key("id", Scalar.INT4).column("title", Scalar.TEXT).build();

  @TempDir private Path folder;

  private Store open() {
    return Store.open(new JdbcSqlite(), folder.resolve("notes.db"), List.of(NOTES));
  }

  private void add(Store store, String id, int key, Optional<String> group) {
    LocalChange change =
        LocalChange.of(NOTES, WriteChange.Op.INSERT, Map.of("id", key, "title", id));
    store.write(Durability.FULL, tx -> Overlay.add(tx, store, id, change, group));
  }

  private void asIfWrittenBy(String version, String... statements) {
    try (Store store = open()) {
      store.write(
          Durability.FULL,
          tx -> {
            List.of(statements).forEach(tx::run);
            Meta.put(tx, "version", version);
            return true;
          });
    }
  }

  @Test
  void whatTheFirstFormatHeldIsHeldByThisOne() {
    try (Store store = open()) {
      add(store, "of the first", 1, Optional.empty());
    }
    asIfWrittenBy("1", "alter table overlay drop column tx");

    try (Store store = open()) {
      add(store, "of this one", 2, Optional.of("group"));

      assertThat(store.read(Overlay::list))
          .extracting(change -> change.id() + change.group().orElse(""))
          .containsExactly("of the first", "of this onegroup");
      long shown = store.read(tx -> tx.number("select count(*) from notes"));
      assertThat(shown).isEqualTo(2);
    }
  }

  @Test
  void aStoreOfANewerLibraryIsRefusedAndLeftAsItIs() {
    try (Store store = open()) {
      add(store, "kept", 1, Optional.empty());
    }
    asIfWrittenBy("99");

    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            SyncClientException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_TOO_NEW));

    try (FollowedStore store = FollowedStore.open(new JdbcSqlite(), folder.resolve("notes.db"))) {
      assertThat(store.read(Overlay::list)).extracting(Overlay.Pending::id).containsExactly("kept");
    }
  }
}
