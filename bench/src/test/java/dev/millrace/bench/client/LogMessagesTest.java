package dev.millrace.bench.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.Offset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogMessagesTest {
  private static final String BODY =
      "["
          + message(1, 700, 0)
          + ","
          + message(2, 700, 2)
          + ","
          + message(3, 1234, 0)
          + ",{\"headers\":{\"control\":\"up-to-date\",\"global_last_seen_lsn\":\"1234\"}}]";

  private static String message(int n, int lsn, int op) {
    return """
    {"key":"k","value":{"note":"\\"n\\":\\"9\\"","n":"%d"},\
    "headers":{"operation":"insert","lsn":"%d","op_position":%d}}\
    """
        .formatted(n, lsn, op);
  }

  @Test
  void rowsAreFoundWhereverTheBodyIsCut() throws IOException {
    byte[] body = BODY.getBytes(UTF_8);
    for (int cut = 0; cut <= body.length; cut++) {
      List<Long> rows = new ArrayList<>();
      LogMessages messages = new LogMessages(rows::add, Offset.BEFORE_ALL);

      messages.accept(body, 0, cut);
      messages.accept(body, cut, body.length - cut);

      assertThat(rows).as("cut at %d", cut).containsExactly(1L, 2L, 3L);
      assertThat(messages.position()).isEqualTo(new Offset(1234, 0));
    }
  }

  @Test
  void insertsAreCountedWhereverTheBodyIsCut() {
    byte[] body = BODY.getBytes(UTF_8);
    for (int cut = 0; cut <= body.length; cut++) {
      Occurrences inserts = Occurrences.ofInserts();

      inserts.accept(body, 0, cut);
      inserts.accept(body, cut, body.length - cut);

      assertThat(inserts.count()).as("cut at %d", cut).isEqualTo(3);
    }
  }

  @Test
  void aLostRowAndADoubledOneAreComplaints() {
    RowSequence lost = new RowSequence(0);
    RowSequence doubled = new RowSequence(0);

    List.of(1L, 2L, 4L).forEach(lost::row);
    List.of(1L, 2L, 2L).forEach(doubled::row);

    assertThat(lost.complaint()).contains("row 4 came after row 2");
    assertThat(doubled.complaint()).contains("row 2 came after row 2");
  }
}
