package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a user's shape when the server comes back. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class RowSecurityRestartTest {

  @TempDir private Path folder;

  // Protocol 15-5, 15-7.
  @Test
  void handlesStayAndWhatChangedMeanwhileIsNoticed(LocalPostgres postgres) throws Exception {
    try (WriteServer server = WriteServer.start(postgres, folder)) {
      SyncedDatabase database = server.database();
      for (String table : new String[] {"kept", "changed"}) {
        database.execute(
            "create table %s (id int primary key, owner text)".formatted(table),
            "insert into %s values (1, 'ada'), (2, 'bob')".formatted(table),
            "alter table %s enable row level security".formatted(table),
            "grant select on %s to authenticated".formatted(table));
      }
      database.execute(
          "create policy own on kept using (owner = current_setting('app.user_id'))",
          "create policy own on changed using (true)");
      ShapeCopy kept = ShapeCopy.of(server.http().as("ada"), "kept");
      ShapeCopy changed = ShapeCopy.of(server.http().as("ada"), "changed");
      assertThat(changed.rows()).hasSize(2);

      database.server().close();
      database.execute("alter policy own on changed using (owner = 'nobody')");
      database.restartWith(Map.of());

      try (ShapeHttp again = new ShapeHttp(database.server().uri())) {
        ShapeHttp ada = again.as("ada");
        assertThat(ada.shape(changed.next()).status()).isEqualTo(409);
        assertThat(ShapeCopy.of(ada, "changed").rows()).isEmpty();
        assertThat(ada.shape(kept.next()).status()).isEqualTo(200);
        database.execute("update kept set owner = 'ada'");
        assertThat(ada.shape(kept.next("live", "true")).changes())
            .extracting(row -> row.operation() + " " + row.value("id"))
            .containsExactly("insert 2");
        assertThat(again.as("bob").shape(kept.next()).status()).isEqualTo(409);
      }
    }
  }

  private static List<String> told(Answer answer) {
    return answer.changes().stream().map(row -> row.operation() + " " + row.value("id")).toList();
  }

  // Protocol 15-5, 15-10.
  @Test
  void whatShapesDependOnIsWatchedAgain(LocalPostgres postgres) throws Exception {
    try (WriteServer server = WriteServer.start(postgres, folder)) {
      SyncedDatabase database = server.database();
      database.execute(
          "create table rooms (id int primary key, house int)",
          "create table guests (house int, name text)",
          "insert into rooms values (1, 1), (2, 2)",
          "insert into guests values (1, 'ada'), (2, 'bob')",
          "alter table rooms enable row level security",
          "grant select on rooms, guests to authenticated",
          """
          create policy own on rooms using
            (house in (select house from guests where name = current_setting('app.user_id')))
          """);
      ShapeCopy hers = ShapeCopy.of(server.http().as("ada"), "rooms");
      ShapeCopy his = ShapeCopy.of(server.http().as("bob"), "rooms");

      database.server().kill();
      database.execute("delete from guests where name = 'bob'", "insert into rooms values (3, 2)");
      database.restartWith(Map.of());

      try (ShapeHttp again = new ShapeHttp(database.server().uri())) {
        ShapeHttp bob = again.as("bob");
        assertThat(told(bob.shape(his.next("live", "true")))).containsExactly("delete 2");

        ShapeHttp ada = again.as("ada");
        assertThat(ada.shape(hers.next()).status()).isEqualTo(200);
        database.execute("insert into guests values (2, 'ada')");
        assertThat(told(ada.shape(hers.next("live", "true"))))
            .containsExactly("insert 2", "insert 3");
      }

      // What has moved is there after the next restart too, and moves again.
      database.server().kill();
      database.execute("update rooms set id = id + 10");
      database.restartWith(Map.of());
      try (ShapeHttp again = new ShapeHttp(database.server().uri())) {
        ShapeHttp ada = again.as("ada");
        ShapeCopy anew = ShapeCopy.of(ada, "rooms");
        assertThat(anew.handle()).isEqualTo(hers.handle());
        assertThat(anew.awaitRows(9))
            .extracting(row -> row.operation() + " " + row.value("id"))
            .startsWith("insert 1", "insert 2", "insert 3", "delete 1", "insert 11");
        database.execute("delete from guests where name = 'ada' and house = 1");
        assertThat(told(ada.shape(anew.next("live", "true")))).containsExactly("delete 11");
      }
    }
  }
}
