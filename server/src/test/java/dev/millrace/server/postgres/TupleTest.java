package dev.millrace.server.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TupleTest {

  /** TupleData as pgoutput sends it; "u" stands for an unchanged value. */
  private static ByteBuffer data(@Nullable String... values) {
    ByteBuffer out = ByteBuffer.allocate(200).putShort((short) values.length);
    for (String value : values) {
      if (value == null) {
        out.put((byte) 'n');
      } else if (value.equals("u")) {
        out.put((byte) 'u');
      } else {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        out.put((byte) 't').putInt(text.length).put(text);
      }
    }
    // As long as the message, so that a place beyond its end is an error.
    return ByteBuffer.wrap(Arrays.copyOf(out.array(), out.position()));
  }

  private static Tuple read(Tuple tuple, @Nullable String... values) {
    tuple.read(data(values));
    return tuple;
  }

  @Test
  void valuesAreComparedByTheirText() {
    Tuple row = read(new Tuple(), "a", "b", null, "u");

    assertThat(row.sameValue(0, read(new Tuple(), "a", "c", null, "u"))).isTrue();
    assertThat(row.sameValue(1, read(new Tuple(), "a", "c", null, "u"))).isFalse();
    assertThat(row.sameValue(2, read(new Tuple(), "a", "c", null, "u"))).isTrue();
    assertThat(row.sameValue(2, read(new Tuple(), "a", "c", "", "u"))).isFalse();
    assertThat(row.isUnchanged(3)).isTrue();
  }

  @Test
  void nullsAreEqualWhateverTheTupleHeldBefore() {
    Tuple reused = read(new Tuple(), "1", "a long text that lies far behind in its message");

    read(reused, "2", null);

    assertThat(reused.isNull(1)).isTrue();
    assertThat(reused.sameValue(1, read(new Tuple(), "2", null))).isTrue();
  }
}
