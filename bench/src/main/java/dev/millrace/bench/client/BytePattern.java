package dev.millrace.bench.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/**
 * A text to be found among bytes, by Horspool's method: it looks at the place of the pattern's last
 * byte and skips ahead as far as the byte found there allows. Immutable.
 */
public final class BytePattern {
  private final byte[] pattern;
  private final int[] skips = new int[256];

  private BytePattern(byte[] pattern) {
    this.pattern = pattern;
    Arrays.fill(skips, pattern.length);
    for (int i = 0; i < pattern.length - 1; i++) {
      skips[pattern[i] & 0xFF] = pattern.length - 1 - i;
    }
  }

  public static BytePattern of(String text) {
    return new BytePattern(text.getBytes(US_ASCII));
  }

  public int length() {
    return pattern.length;
  }

  /** Where it first begins between two places, or -1. */
  public int find(byte[] bytes, int from, int to) {
    int last = pattern.length - 1;
    int at = from;
    while (at + last < to) {
      if (isAt(bytes, at)) {
        return at;
      }
      at += skips[bytes[at + last] & 0xFF];
    }
    return -1;
  }

  private boolean isAt(byte[] bytes, int at) {
    for (int i = pattern.length - 1; i >= 0; i--) {
      if (bytes[at + i] != pattern[i]) {
        return false;
      }
    }
    return true;
  }
}
