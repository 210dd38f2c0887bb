package dev.millrace.server.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.write.ColumnType.Kind;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BinaryArrayTest {

  private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  private static ColumnType type(String sql) {
    return new ColumnType(sql, sql, Kind.OTHER, -1, Optional.empty());
  }

  private static BinaryArray array(String sql, @Nullable String... texts) {
    return (BinaryArray) BinaryArray.of(type(sql), texts);
  }

  /** What lies behind the head of an array of one. */
  private static ByteBuffer single(BinaryArray array) {
    return ByteBuffer.wrap(array.bytes()).position(24);
  }

  @Test
  void timesAreTheMicrosecondsThatTheirTextsSay() {
    Random random = new Random(28);
    for (int i = 0; i < 10_000; i++) {
      Instant time =
          Instant.ofEpochSecond(random.nextLong(-62_135_596_800L, 253_402_300_800L))
              .plus(random.nextInt(1_000_000), ChronoUnit.MICROS);
      long micros = ChronoUnit.MICROS.between(POSTGRES_EPOCH, time);
      String spaced = time.toString().replace('T', ' ');

      assertThat(single(array("timestamp with time zone", time.toString())).getLong())
          .as(spaced)
          .isEqualTo(micros);
      assertThat(single(array("timestamp without time zone", spaced)).getLong()).isEqualTo(micros);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "now",
        "infinity",
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T23:59:60Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+01",
        "2026-01-01T00:00:00z",
        "2026-01-01 00:00:00.1234567Z",
        "2026-01-01 00:00:00.Z",
        "0000-01-01T00:00:00Z",
        "12026-01-01T00:00:00Z",
        "-026-01-01T00:00:00Z",
        "2026-01-01T00:00Z",
        " 2026-01-01T00:00:00Z",
        "٢٠٢٦-01-01T00:00:00Z",
        ""
      })
  void otherTimesAreForPostgresToRead(String text) {
    @Nullable String[] texts = {text};

    assertThat(BinaryArray.of(type("timestamp with time zone"), texts)).isSameAs(texts);
    assertThat(BinaryArray.of(type("timestamp without time zone"), texts)).isSameAs(texts);
  }

  @ParameterizedTest
  @CsvSource({
    "smallint, 32768",
    "smallint, -32769",
    "integer, 2147483648",
    "integer, 0x10",
    "integer, 1_000",
    "integer, +1",
    "integer, 1.0",
    "integer, '1 '",
    "integer, ''",
    "integer, -",
    "integer, ٣",
    "bigint, 9223372036854775808",
    "boolean, t",
    "boolean, TRUE",
    "uuid, a0eebc999c0b4ef8bb6d6bb9bd380a11",
    "uuid, {a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
    "text, any",
    "public.whole, 1",
    "numeric, 1"
  })
  void whatIsWrittenOtherwiseIsForPostgresToRead(String sql, String text) {
    @Nullable String[] texts = {text};

    assertThat(BinaryArray.of(type(sql), texts)).isSameAs(texts);
  }

  @Test
  void numbersUuidsAndBooleansAreWhatTheirTextsSay() {
    UUID id = UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");

    assertThat(single(array("smallint", "-32768")).getShort()).isEqualTo(Short.MIN_VALUE);
    assertThat(single(array("integer", "2147483647")).getInt()).isEqualTo(Integer.MAX_VALUE);
    assertThat(single(array("integer", "-0")).getInt()).isZero();
    assertThat(single(array("bigint", "-999999999999999999")).getLong())
        .isEqualTo(-999_999_999_999_999_999L);
    assertThat(single(array("boolean", "true")).get()).isEqualTo((byte) 1);
    assertThat(single(array("boolean", "false")).get()).isZero();
    ByteBuffer uuid = single(array("uuid", id.toString().toUpperCase(Locale.ROOT)));
    assertThat(new UUID(uuid.getLong(), uuid.getLong())).isEqualTo(id);
  }

  @Test
  void anArrayHasItsNullsAndMayBeEmpty() {
    ByteBuffer none = ByteBuffer.wrap(array("integer").bytes());

    assertThat(ByteBuffer.wrap(array("integer", "7", null).bytes()))
        .isEqualTo(
            ByteBuffer.allocate(32)
                .putInt(1)
                .putInt(1)
                .putInt(23)
                .putInt(2)
                .putInt(1)
                .putInt(4)
                .putInt(7)
                .putInt(-1)
                .flip());
    assertThat(none.remaining()).isEqualTo(12);
    assertThat(none.getInt()).isZero();
  }

  @Test
  void aTimeThatPostgresDoesNotKnowIsTheFirstOrLastThatItDoes() {
    BinaryArray times =
        BinaryArray.ofTimes(
            List.of(
                OptionalLong.of(Long.MAX_VALUE),
                OptionalLong.of(Long.MIN_VALUE),
                OptionalLong.empty(),
                OptionalLong.of(946_684_800_001L)));

    ByteBuffer bytes = ByteBuffer.wrap(times.bytes());
    assertThat(bytes.getLong(24)).isBetween(9_000_000_000_000_000_000L, 9_223_371_331_199_999_999L);
    assertThat(bytes.getLong(36)).isEqualTo(-211_813_488_000_000_000L);
    assertThat(bytes.getLong(48)).isEqualTo(Long.MIN_VALUE);
    assertThat(bytes.getLong(60)).isEqualTo(1000);
  }
}
