package dev.millrace.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.ShapeMessage.LogPlace;
import dev.millrace.protocol.ShapeMessage.RowChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every message of protocol section 5, and nothing worse than an error from what is none. */
class ShapeMessageReaderTest {

  private static List<ShapeMessage> read(String body) throws InvalidJson {
    byte[] bytes = body.getBytes(UTF_8);
    ShapeMessageReader reader = ShapeMessageReader.ofArray(bytes, bytes.length);
    List<ShapeMessage> messages = new ArrayList<>();
    for (ShapeMessage next = reader.next(); next != null; next = reader.next()) {
      messages.add(next);
    }
    return messages;
  }

  private static Map<String, @Nullable String> columns(@Nullable String... namesAndValues) {
    Map<String, @Nullable String> columns = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      columns.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return columns;
  }

  @Test
  void aRowOfTheSnapshotHasNoPlaceInTheLog() throws InvalidJson {
    assertThat(
            read(
                """
                [{"key":"\\"public\\".\\"t\\"/\\"1\\"","value":{"id":"1","n":null},
                  "headers":{"operation":"insert","relation":["public","t"]}}]\
                """))
        .containsExactly(
            new RowChange(
                WriteChange.Op.INSERT,
                "\"public\".\"t\"/\"1\"",
                columns("id", "1", "n", null),
                Optional.empty()));
  }

  @Test
  void aChangeHasItsPlaceInWhateverOrderItsMembersCome() throws InvalidJson {
    assertThat(
            read(
                """
                [{"headers":{"last":true,"op_position":4,"lsn":"77","txids":[4294967295],
                   "operation":"update","relation":["public","t"],"future":{"a":[1]}},
                  "old_value":{"a":"b"},"value":{"id":"1"},"key":"k"}]\
                """))
        .containsExactly(
            new RowChange(
                WriteChange.Op.UPDATE,
                "k",
                columns("id", "1"),
                Optional.of(new LogPlace(new Offset(77, 4), List.of(4294967295L), true))));
  }

  @Test
  void controlMessagesAreRead() throws InvalidJson {
    assertThat(
            read(
                """
                [{"headers":{"control":"snapshot-end","xmin":"7","xmax":"9","xip_list":["8"]}},
                 {"headers":{"control":"up-to-date","global_last_seen_lsn":"12"}},
                 {"headers":{"control":"must-refetch"}},
                 {"headers":{"control":"subset-end"}}]\
                """))
        .containsExactly(
            new ShapeMessage.SnapshotEnd(new SeenTransactions(7, 9, Set.of(8L))),
            new ShapeMessage.UpToDate(new Lsn(12)),
            new ShapeMessage.MustRefetch(),
            new ShapeMessage.UnknownControl("subset-end"));
    assertThat(ShapeMessageReader.read("{\"headers\":{\"control\":\"must-refetch\"}}"))
        .isEqualTo(new ShapeMessage.MustRefetch());
  }

  @Test
  void whatIsNoAnswerIsAnError() {
    for (String body :
        List.of(
            "",
            "{}",
            "[",
            "[{}]",
            "[1]",
            "[{\"key\":\"k\",\"headers\":{\"operation\":\"upsert\"}}]",
            "[{\"key\":\"k\",\"value\":{\"a\":1},\"headers\":{\"operation\":\"insert\"}}]",
            "[{\"headers\":{\"control\":\"up-to-date\"}}]",
            "[{\"headers\":{\"control\":\"up-to-date\",\"global_last_seen_lsn\":\"-1\"}}]",
            "<html>bad gateway</html>")) {
      assertThatThrownBy(() -> read(body)).as(body).isInstanceOf(InvalidJson.class);
    }
  }

  @Test
  void anAnswerCutAnywhereIsAnErrorAndNothingWorse() throws InvalidJson {
    String body =
        """
        [{"key":"k","value":{"id":"1","a":"é\\n"},"headers":{"operation":"insert","lsn":"7",\
        "op_position":0,"txids":[5]}},{"headers":{"control":"up-to-date",\
        "global_last_seen_lsn":"12"}}]\
        """;
    assertThat(read(body)).hasSize(2);
    byte[] bytes = body.getBytes(UTF_8);
    for (int length = 0; length < bytes.length; length++) {
      ShapeMessageReader reader = ShapeMessageReader.ofArray(bytes, length);
      assertThatThrownBy(
              () -> {
                while (reader.next() != null) {
                  // On to the cut.
                }
              })
          .as("cut after %d bytes", length)
          .isInstanceOf(InvalidJson.class);
    }
  }

  @Test
  void garbledBytesAreReadOrRefused() {
    byte[] bytes =
        "[{\"key\":\"k\",\"value\":{\"id\":\"1\"},\"headers\":{\"operation\":\"insert\"}}]"
            .getBytes(UTF_8);
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] garbled = bytes.clone();
      garbled[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      ShapeMessageReader reader = ShapeMessageReader.ofArray(garbled, garbled.length);
      try {
        while (reader.next() != null) {
          // Still an answer.
        }
      } catch (InvalidJson refused) {
        assertThat(refused.reason()).isNotEmpty();
      }
    }
  }

  @Test
  void idsOf32BitsAreWidenedToThoseNearTheSnapshot() {
    long wrap = 1L << 32;
    SeenTransactions seen = new SeenTransactions(wrap + 10, wrap + 20, Set.of(wrap + 15));

    assertThat(seen.sees(5)).isTrue();
    assertThat(seen.sees(15)).isFalse();
    assertThat(seen.sees(16)).isTrue();
    assertThat(seen.sees(20)).isFalse();
    assertThat(seen.sees(wrap - 3)).isTrue();
    assertThat(new SeenTransactions(wrap - 2, wrap - 2, Set.of()).sees(3)).isFalse();
    assertThat(new SeenTransactions(3, 3, Set.of()).sees(2)).isTrue();
  }
}
