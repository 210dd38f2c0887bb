package dev.millrace.conformance;

import static dev.millrace.conformance.ClientDevice.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ClientSettings;
import dev.millrace.client.GuestData;
import dev.millrace.client.SyncManager;
import dev.millrace.client.store.ColumnType.ArrayOf;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Row;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A value of each type goes up as Java has it and comes down on another device as the same. */
@ExtendWith(OnePostgres.class)
class ClientTypesTest {

  private static final Entity KINDS =
      Entity.of("kinds")
          .key("id", Scalar.UUID)
          .column("flag", Scalar.BOOL)
          .column("small", Scalar.INT2)
          .column("n", Scalar.INT4)
          .column("big", Scalar.INT8)
          .column("single", Scalar.FLOAT4)
          .column("twice", Scalar.FLOAT8)
          .column("exact", Scalar.NUMERIC)
          .column("title", Scalar.TEXT)
          .column("mood", Scalar.TEXT)
          .column("day", Scalar.DATE)
          .column("hour", Scalar.TIME)
          .column("local", Scalar.TIMESTAMP)
          .column("moment", Scalar.TIMESTAMPTZ)
          .column("raw", Scalar.BYTEA)
          .column("doc", Scalar.JSON)
          .column("texts", new ArrayOf(Scalar.TEXT))
          .column("grid", new ArrayOf(Scalar.INT4))
          .column("moments", new ArrayOf(Scalar.TIMESTAMPTZ))
          .build();

  @TempDir private Path folder;

  private SyncManager device(String name, URI server) {
    SyncManager sync =
        SyncManager.open(folder.resolve(name), ClientSettings.of(server).entities(KINDS).build());
    sync.signIn(isRefresh -> Optional.of(Tokens.OURS.of("ada")), GuestData.ADOPT);
    return sync;
  }

  @Test
  void valuesOfAllTypesAreTheSameOnAnotherDevice(LocalPostgres postgres) throws Exception {
    Json doc = JsonReader.read("{\"a\": [1, null, \"x\"]}", JsonLimits.DEFAULT);
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("id", UUID.randomUUID());
    values.put("flag", true);
    values.put("small", -3);
    values.put("n", Integer.MIN_VALUE);
    values.put("big", Long.MAX_VALUE);
    values.put("single", 0.1f);
    values.put("twice", Double.POSITIVE_INFINITY);
    values.put("exact", new BigDecimal("12345678901234567890.0123456789"));
    values.put("title", "añb😀 \"quoted\" \\ \n");
    values.put("mood", "so so");
    values.put("day", LocalDate.of(-43, 3, 15));
    values.put("hour", LocalTime.of(3, 4, 5, 678_000));
    values.put("local", LocalDateTime.of(12026, 1, 2, 3, 4, 5));
    values.put("moment", Instant.parse("1969-12-31T23:59:59.999999Z"));
    values.put("raw", new byte[] {0, -1, 127});
    values.put("doc", doc);
    values.put("texts", Arrays.asList("a,b", null, "NULL", "", "c\\d", "{}"));
    values.put("grid", List.of(List.of(1, 2), List.of(3, 4)));
    values.put("moments", List.of(Instant.MAX, Instant.EPOCH));
    try (WriteServer server = WriteServer.start(postgres, folder.resolve("server"))) {
      server
          .database()
          .execute(
              """
              create type mood as enum ('calm', 'so so');
              create table kinds (
                id uuid primary key, flag bool, small int2, n int4, big int8, single float4,
                twice float8, exact numeric, title text, mood mood, day date, hour time,
                local timestamp, moment timestamptz, raw bytea, doc jsonb, texts text[],
                grid int4[], moments timestamptz[]);
              grant all on kinds to authenticated\
              """);
      URI uri = server.database().server().uri();
      try (SyncManager phone = device("phone", uri);
          SyncManager desk = device("desk", uri)) {
        phone.rows(KINDS).create(values);

        await().atMost(PATIENCE).until(() -> desk.rows(KINDS).all().size() == 1);

        assertThat(desk.rows(KINDS).all()).containsExactly(new Row(values));
        assertThat(phone.awaitSynced(PATIENCE)).isTrue();
        assertThat(phone.writeBuffer().deadLetters()).isEmpty();
        assertThat(desk.status().streams())
            .allSatisfy(stream -> assertThat(stream.differences()).isEmpty());
        Map<String, @Nullable Object> nothing = new LinkedHashMap<>(values);
        nothing.replaceAll((column, value) -> column.equals("id") ? value : null);
        desk.rows(KINDS).update(nothing);
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> assertThat(phone.rows(KINDS).all()).containsExactly(new Row(nothing)));
      }
    }
  }
}
