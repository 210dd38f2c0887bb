package dev.millrace.bench.crowd;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.bench.client.BytePattern;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerReaderTest {
  private static final byte[] ANSWERS =
      ("HTTP/1.1 200 OK\r\nelectric-offset: 7_0\r\ncontent-length: 5\r\n\r\nfirst"
              + "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n"
              + "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
              + "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nfourth")
          .getBytes(US_ASCII);

  /** Writes down what it is told. */
  private static final class Witness implements Errand {
    private static final BytePattern OFFSET = AnswerHead.name("electric-offset");

    private final List<String> bodies = new ArrayList<>();
    private final List<String> offsets = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();

    @Override
    public Optional<String> first() {
      return Optional.empty();
    }

    @Override
    public void head(AnswerHead head) throws IOException {
      head.requireOk();
      head.value(OFFSET).ifPresent(offsets::add);
    }

    @Override
    public void body(byte[] bytes, int start, int length) {
      body.append(new String(bytes, start, length, US_ASCII));
    }

    @Override
    public Optional<String> next() {
      bodies.add(body.toString());
      body.setLength(0);
      return Optional.empty();
    }
  }

  private static AnswerReader reader(Witness witness) {
    return new AnswerReader(witness, witness::next);
  }

  @Test
  void answersAreReadWhereverTheyAreCut() throws IOException {
    for (int cut = 0; cut <= ANSWERS.length; cut++) {
      Witness witness = new Witness();
      AnswerReader reader = reader(witness);

      reader.read(Arrays.copyOf(ANSWERS, cut), cut);
      byte[] rest = Arrays.copyOfRange(ANSWERS, cut, ANSWERS.length);
      reader.read(rest, rest.length);

      assertThat(witness.bodies)
          .as("cut at %d", cut)
          .containsExactly("first", "second", "", "fourth");
      assertThat(witness.offsets).as("cut at %d", cut).containsExactly("7_0");
    }
  }

  @Test
  void answersThatComeByteForByteAreRead() throws IOException {
    Witness witness = new Witness();
    AnswerReader reader = reader(witness);

    for (byte one : ANSWERS) {
      reader.read(new byte[] {one}, 1);
    }

    assertThat(witness.bodies).containsExactly("first", "second", "", "fourth");
  }

  @Test
  void anErrorIsNoAnswer() {
    byte[] answer = "HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n".getBytes(US_ASCII);

    assertThatThrownBy(() -> reader(new Witness()).read(answer, answer.length))
        .hasMessage("an answer of status 503");
  }
}
