package dev.millrace.conformance;

import static dev.millrace.conformance.ClientDevice.PATIENCE;
import static dev.millrace.conformance.Specimens.SPECIMEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ClientSettings;
import dev.millrace.client.GuestData;
import dev.millrace.client.SyncManager;
import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.client.writebuffer.WriteState;
import dev.millrace.conformance.Specimen.Origin;
import dev.millrace.conformance.Specimen.State;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Year;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A record with a component of every kind, up from one device and down to another. */
@ExtendWith(OnePostgres.class)
class EntityTypesTest {

  private static final UUID BOX = UUID.fromString("00000000-0000-4000-8000-000000000001");

  private final LocalPostgres postgres;
  @TempDir private Path folder;
  private SyncedDatabase database;

  EntityTypesTest(LocalPostgres postgres) {
    this.postgres = postgres;
  }

  @BeforeEach
  void start() throws Exception {
    Path settings =
        Files.writeString(
            folder.resolve("millrace.yaml"), "tables:\n  specimens: {union: [tags, states]}\n");
    database =
        SyncedDatabase.startForUsers(
            postgres, folder.resolve("server"), Map.of("MILLRACE_CONFIG", settings.toString()));
    database.execute(
        "create type specimen_state as enum ('alive', 'Dried out', 'lost')",
        """
        create table specimens (
          box uuid, place int, owner text not null, is_free bool not null, small int2 not null,
          number int, large int8 not null, ratio real not null, exact float8 not null,
          amount numeric not null, text text not null, day date not null, "time" time not null,
          moment timestamp not null, instant timestamptz not null, remark text, seen_on date,
          document jsonb not null, state specimen_state not null, next text,
          origin jsonb not null, others jsonb not null, names text[] not null,
          counts int[] not null, history text[] not null, tags text[] not null,
          states text[] not null, year int not null, "camelCase" int,
          created_at timestamptz not null default now(), primary key (box, place))
        """,
        "alter table specimens enable row level security",
        "grant select, insert, update, delete on specimens to authenticated",
        """
        create policy own on specimens to authenticated
          using (owner = current_setting('app.user_id', true))
          with check (owner = current_setting('app.user_id', true))
        """);
  }

  @AfterEach
  void stop() throws SQLException {
    database.close();
  }

  private SyncManager open(String device) {
    SyncManager sync =
        SyncManager.open(
            folder.resolve(device),
            ClientSettings.of(database.server().uri()).entities(Specimens.ENTITY).build());
    sync.signIn("ada", isRefresh -> Optional.of(Tokens.OURS.of("ada")), GuestData.ADOPT);
    return sync;
  }

  private static Origin origin(String country, List<Origin> near) {
    return new Origin(
        country,
        near.isEmpty() ? null : 812,
        Optional.of(State.DRIED),
        LocalDate.of(1831, 12, 27),
        List.of("Charles", "a \"quoted\" name"),
        near);
  }

  private static Specimen specimen(int place) throws InvalidJson {
    return new Specimen(
        BOX,
        place,
        null,
        true,
        (short) -7,
        null,
        1L << 60,
        0.1f,
        0.1,
        new BigDecimal("12345678901234567890.123"),
        "μῆνιν\n'\"\\",
        LocalDate.of(2026, 2, 28),
        LocalTime.of(23, 59, 59, 999_999_000),
        LocalDateTime.of(1999, 12, 31, 23, 59),
        Instant.parse("2026-11-28T12:00:00.123456Z"),
        Optional.of("seldom"),
        Optional.empty(),
        JsonReader.read("{\"a\":[1,null]}", JsonLimits.DEFAULT),
        State.DRIED,
        null,
        origin("Chile", List.of(origin("Perú", List.of()))),
        List.of(origin("Brasil", List.of())),
        List.of("Rhea", "NULL", "a,b"),
        List.of(1, -2),
        List.of(State.ALIVE, State.DRIED),
        new LinkedHashSet<>(List.of("bird", "big")),
        Set.of(State.ALIVE),
        Year.of(1832),
        null,
        null,
        "only here",
        Optional.of(origin("?", List.of())));
  }

  /** As the server fills it, without what stays on a device. */
  private static Specimen arrived(Specimen sent, Specimen found) {
    return new Specimen(
        sent.box(),
        sent.place(),
        "ada",
        sent.isFree(),
        sent.small(),
        sent.number(),
        sent.large(),
        sent.ratio(),
        sent.exact(),
        sent.amount(),
        sent.text(),
        sent.day(),
        sent.time(),
        sent.moment(),
        sent.instant(),
        sent.remark(),
        sent.seenOn(),
        found.document(),
        sent.state(),
        sent.next(),
        sent.origin(),
        sent.others(),
        sent.names(),
        sent.counts(),
        sent.history(),
        sent.tags(),
        sent.states(),
        sent.year(),
        sent.otherName(),
        found.createdAt(),
        null,
        Optional.empty());
  }

  @Test
  void everyKindOfValueArrivesAsItWas() throws Exception {
    Specimen sent = specimen(1);
    try (SyncManager phone = open("phone");
        SyncManager desk = open("desk")) {
      Specimens onPhone = new Specimens(phone);
      Specimens onDesk = new Specimens(desk);

      assertThat(onPhone.create(sent).await(PATIENCE)).isInstanceOf(WriteState.Confirmed.class);

      await().atMost(PATIENCE).until(() -> onDesk.find(BOX, 1).isPresent());
      Specimen found = onDesk.find(BOX, 1).orElseThrow();
      assertThat(found).isEqualTo(arrived(sent, found));
      assertThat(found.createdAt()).isNotNull();
      assertThat(found.document().toString()).contains("\"a\"");
      await().atMost(PATIENCE).until(() -> onPhone.cleanup().waiting() == 0);
      assertThat(onPhone.find(BOX, 1).orElseThrow().scribble()).isEqualTo("only here");
      assertThat(onPhone.find(BOX, 1).orElseThrow().guess()).isEqualTo(sent.guess());
      assertThat(phone.status().reasons()).isEmpty();
    }
  }

  @Test
  void editsOfOneKeepThoseOfTheOtherAndSetsAreUnited() throws Exception {
    Specimen sent = specimen(1);
    try (SyncManager phone = open("phone");
        SyncManager desk = open("desk")) {
      Specimens onPhone = new Specimens(phone);
      Specimens onDesk = new Specimens(desk);
      onPhone.create(sent).await(PATIENCE);
      await().atMost(PATIENCE).until(() -> onDesk.find(BOX, 1).isPresent());
      database.server().kill();

      onPhone.edit(BOX, 1).tags(Set.of("bird", "big", "of phone")).next(State.ALIVE).save();
      onDesk.edit(BOX, 1).tags(Set.of("bird", "of desk")).otherName(Year.of(7)).number(5).save();
      database.server().restart();
      phone.reconnect();
      desk.reconnect();

      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            for (Specimens here : List.of(onPhone, onDesk)) {
              Specimen row = here.find(BOX, 1).orElseThrow();
              assertThat(row.tags()).containsExactlyInAnyOrder("bird", "of phone", "of desk");
              assertThat(row.next()).isEqualTo(State.ALIVE);
              assertThat(row.otherName()).isEqualTo(Year.of(7));
              assertThat(row.number()).isEqualTo(5);
            }
          });
    }
  }

  @Test
  void columnsOfAnApplicationsOwnTypesAreComparedAndSorted() throws Exception {
    try (SyncManager phone = open("phone")) {
      Specimens specimens = new Specimens(phone);
      specimens.create(specimen(1));
      specimens.create(specimen(2));
      specimens.edit(BOX, 2).state(State.ALIVE).year(Year.of(1900)).number(3).save();

      assertThat(places(specimens.where(SPECIMEN.STATE.eq(State.ALIVE)).list())).containsExactly(2);
      assertThat(places(specimens.where(SPECIMEN.STATE.in(Set.of(State.values()))).list()))
          .containsExactly(1, 2);
      assertThat(places(specimens.where(SPECIMEN.YEAR.lt(Year.of(1850))).list()))
          .containsExactly(1);
      assertThat(places(specimens.orderBy(SPECIMEN.YEAR.desc()).list())).containsExactly(2, 1);
      assertThat(places(specimens.where(SPECIMEN.NUMBER.isNull()).list())).containsExactly(1);
      assertThat(places(specimens.where(SPECIMEN.SCRIBBLE.contains("here")).list()))
          .containsExactly(1, 2);
      assertThat(specimens.where(SPECIMEN.ORIGIN.isNotNull()).count()).isEqualTo(2);
      assertThat(specimens.query().offset(1).limit(5).list()).hasSize(1);
    }
  }

  private static List<Integer> places(List<Specimen> specimens) {
    return specimens.stream().map(Specimen::place).toList();
  }

  @Test
  void anotherKeyIsNoUpdateAndNothingElseIsSentThanWhatDiffers() throws Exception {
    try (SyncManager phone = open("phone")) {
      Specimens specimens = new Specimens(phone);
      specimens.create(specimen(1));
      Specimen before = specimens.find(BOX, 1).orElseThrow();

      assertThatThrownBy(() -> specimens.update(before, specimen(2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("place");
      database.server().kill();
      specimens.edit(BOX, 1).small((short) 9).save();
      specimens.update(before, specimens.find(BOX, 1).orElseThrow());

      assertThat(phone.writeBuffer().peek(10))
          .hasSizeGreaterThanOrEqualTo(2)
          .filteredOn(change -> change.op() == dev.millrace.protocol.WriteChange.Op.UPDATE)
          .allSatisfy(change ->
              assertThat(change.payload().byName().keySet())
                  .containsExactlyInAnyOrder("box", "place", "small"));
    }
  }

  @Test
  void aValueThatTheRecordDoesNotHaveIsNamed() throws Exception {
    try (SyncManager phone = open("phone")) {
      Specimens specimens = new Specimens(phone);
      specimens.create(specimen(1)).await(PATIENCE);
      database.execute("update specimens set state = 'lost'");

      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThatThrownBy(specimens::all)
                  .isInstanceOfSatisfying(
                      SyncClientException.class,
                      e -> assertThat(e.code()).isEqualTo(ErrorCode.TYPE_MISMATCH))
                  .hasMessageContaining("State has no constant for 'lost'"));
      database.execute(
          "alter table specimens alter column text drop not null",
          "update specimens set state = 'alive', text = null");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThatThrownBy(specimens::all).hasMessageContaining("specimens.text is null"));
    }
  }
}
