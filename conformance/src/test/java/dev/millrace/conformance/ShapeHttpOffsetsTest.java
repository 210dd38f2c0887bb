package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protocol section 4, 4.1 and 4.2. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpOffsetsTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpOffsetsTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  // Protocol 4-1.
  @Test
  void leadingZerosAreTolerated() throws Exception {
    ShapeCopy copy = server.copy("items");

    assertThat(http.shape(copy.at("00_00")).status()).isEqualTo(200);
    assertThat(http.shape(copy.at("000_inf")).isUpToDate()).isTrue();
  }

  // Protocol 4-3.
  @Test
  void theEndOfTheSnapshotIsTheEndOfAnEmptyLog() throws Exception {
    ShapeCopy copy = server.copy(server.newTable("id int primary key"));

    assertThat(copy.offset()).isEqualTo("0_inf");
  }

  // Protocol 4-4, 4-5.
  @Test
  void opCountsEachPublishedChangeOfTheTransaction() throws Exception {
    String other = server.newTable("id int primary key");
    String table = server.newTable("id int primary key");
    server.copy(other);
    ShapeCopy copy = server.copy(table);

    server.inOneTransaction(
        "insert into %s values (1)".formatted(other),
        "insert into %s values (1)".formatted(table),
        "insert into %s values (2)".formatted(other),
        "update %s set id = 2".formatted(table),
        "insert into %s values (3)".formatted(table));
    List<Message> changes = copy.awaitChanges();

    assertThat(changes)
        .extracting(change -> change.header("op_position"))
        .containsExactly(2, 6, 7, 8);
    assertThat(copy.offset()).isEqualTo(changes.getFirst().header("lsn") + "_8");
  }

  // Protocol 4-2, 4.1-1, 4.1-3, 6.1-1.
  @Test
  void aLargeSnapshotComesInChunks() throws Exception {
    String table =
        server.newTable(
            "id int primary key, body text",
            "insert into %s select i, repeat('x', 100) from generate_series(1, 400) i");

    ShapeCopy copy = server.copy(table);

    List<Answer> chunks = copy.answers().stream().filter(answer -> !answer.isUpToDate()).toList();
    assertThat(chunks).hasSizeGreaterThan(4);
    assertThat(chunks)
        .extracting(Answer::offset)
        .containsExactlyElementsOf(
            IntStream.range(0, chunks.size()).mapToObj(n -> "0_" + n).toList());
    assertThat(chunks)
        .allSatisfy(
            chunk -> assertThat(chunk.body().length()).isLessThan(ShapeServer.CHUNK_BYTES + 1000));
    assertThat(copy.rows()).hasSize(400).extracting(Message::key).doesNotHaveDuplicates();
    assertThat(chunks.getLast().messages().getLast().header("control")).isEqualTo("snapshot-end");
  }

  // Protocol 4.1-2, 4.1-3.
  @Test
  void aLargeTransactionComesInChunks() throws Exception {
    String table = server.newTable("id int primary key, body text");
    ShapeCopy waiting = server.copy(table);
    ShapeCopy late = server.copy(table);

    server
        .database()
        .execute(
            "insert into %s select i, repeat('x', 100) from generate_series(1, 400) i"
                .formatted(table));
    waiting.awaitChanges();
    late.readOn();

    assertThat(late.rows()).hasSize(400);
    List<Answer> chunks =
        late.answers().stream().filter(answer -> !answer.changes().isEmpty()).toList();
    assertThat(chunks).hasSizeGreaterThan(4);
    assertThat(chunks)
        .allSatisfy(chunk -> {
          assertThat(chunk.body().length()).isLessThan(ShapeServer.CHUNK_BYTES + 1000);
          Message last = chunk.changes().getLast();
          assertThat(chunk.offset())
              .isEqualTo(last.header("lsn") + "_" + last.header("op_position"));
        });
    assertThat(chunks.subList(0, chunks.size() - 1)).noneMatch(Answer::isUpToDate);
    assertThat(late.rows().getLast().header("last")).isEqualTo(true);
    assertThat(late.rows().subList(0, 399))
        .noneMatch(change -> change.headers().containsKey("last"));
  }

  // Protocol 4.2-1.
  @Test
  void operationZeroMeansAfterTheWholeTransaction() throws Exception {
    String table = server.newTable("id int primary key");
    ShapeCopy copy = server.copy(table);
    server.database().execute("insert into %s values (1), (2)".formatted(table));
    String lsn = String.valueOf(copy.awaitChanges().getFirst().header("lsn"));

    Answer after = http.shape(copy.at(lsn + "_0"));

    assertThat(after.changes()).isEmpty();
    assertThat(after.isUpToDate()).isTrue();
  }

  // Protocol 4.2-2.
  @Test
  void noChunkEndsAtOperationZeroInsideATransaction() throws Exception {
    String table = server.newTable("id int primary key, body text");
    ShapeCopy copy = server.copy(table);
    ShapeCopy other = server.copy(table);

    server
        .database()
        .execute(
            "insert into %s select i, repeat('x', 20000) from generate_series(1, 3) i"
                .formatted(table));
    other.awaitChanges();
    copy.readOn();

    assertThat(copy.answers())
        .extracting(Answer::offset)
        .noneMatch(offset -> offset.matches("[1-9]\\d*_0"));
    assertThat(copy.rows()).hasSize(3);
  }

  // Protocol 3-7, 4.2-3, 8-3.
  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "true, true"})
  void anOffsetBeyondTheEndIsOutOfBoundsAfterHalfTheTimeout(String live, String stream)
      throws Exception {
    ShapeCopy copy = server.copy("items");
    Instant before = Instant.now();

    Answer answer = http.shape(copy.at("9223372036854775807_0", "live", live, "live_sse", stream));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(Json.parse(answer.body()))
        .isEqualTo(ShapeHttp.error("offset", "out of bounds for this shape"));
    assertThat(Duration.between(before, Instant.now()))
        .isGreaterThan(ShapeServer.LONG_POLL.dividedBy(2).minusMillis(50));
    assertThat(answer.has("electric-cursor")).isEqualTo(live.equals("true"));
  }
}
