package dev.millrace.server.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Makes the rows that the stream brings, for tests. */
public final class Tuples {

  /** Stands for a large value that an update left as it was. */
  public static final String UNCHANGED = "(unchanged)";

  private Tuples() {}

  /** A row of these texts; null is NULL. */
  public static Tuple of(@Nullable String... values) {
    Tuple tuple = new Tuple();
    tuple.read(data(values));
    return tuple;
  }

  /** TupleData as pgoutput sends it. */
  private static ByteBuffer data(@Nullable String... values) {
    ByteBuffer out = ByteBuffer.allocate(2000).putShort((short) values.length);
    for (String value : values) {
      if (value == null) {
        out.put((byte) 'n');
      } else if (value.equals(UNCHANGED)) {
        out.put((byte) 'u');
      } else {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        out.put((byte) 't').putInt(text.length).put(text);
      }
    }
    // As long as the message, so that a place beyond its end is an error.
    return ByteBuffer.wrap(Arrays.copyOf(out.array(), out.position()));
  }
}
