package dev.millrace.server.filter.value;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A value of type bytea. Immutable: nobody keeps or changes the array. */
public final class Bytes implements Comparable<Bytes> {

  private static final HexFormat HEX = HexFormat.of();

  private final byte[] bytes;

  Bytes(byte[] bytes) {
    this.bytes = bytes;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Reads {@code \x0f} or the older form with escapes. */
  static Bytes parse(String text) {
    return new Bytes(text.startsWith("\\x") ? hex(text) : escaped(text));
  }

  private static byte[] hex(String text) {
    StringBuilder digits = new StringBuilder();
    for (int i = 2; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isGap = c == ' ' || c == '\n' || c == '\t' || c == '\r';
      if (!isGap) {
        digits.append(c);
      } else if (digits.length() % 2 != 0) {
        throw EvaluationException.badText(Type.BYTEA, text);
      }
    }
    try {
      return HEX.parseHex(digits);
    } catch (IllegalArgumentException e) {
      throw EvaluationException.badText(Type.BYTEA, text);
    }
  }

  private static byte[] escaped(String text) {
    byte[] in = Utf8.bytes(text);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int i = 0; i < in.length; i++, length++) {
      if (in[i] != '\\') {
        out[length] = in[i];
      } else if (i + 1 < in.length && in[i + 1] == '\\') {
        out[length] = in[++i];
      } else if (i + 3 < in.length
          && isOctal(in[i + 1], '3')
          && isOctal(in[i + 2], '7')
          && isOctal(in[i + 3], '7')) {
        out[length] = (byte) ((in[i + 1] - '0') << 6 | (in[i + 2] - '0') << 3 | (in[i + 3] - '0'));
        i += 3;
      } else {
        throw EvaluationException.badText(Type.BYTEA, text);
      }
    }
    return Arrays.copyOf(out, length);
  }

  private static boolean isOctal(byte digit, char most) {
    return digit >= '0' && digit <= most;
  }

  String print() {
    return "\\x" + HEX.formatHex(bytes);
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Bytes value && Arrays.equals(bytes, value.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
