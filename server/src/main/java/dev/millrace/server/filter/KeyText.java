package dev.millrace.server.filter;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Some bytes as the key of a map: those of a value that a filter requires, kept, or those of a row,
 * looked at where they lie. A kept one never changes.
 */
final class KeyText {

  private byte[] bytes = new byte[0];
  private int start;
  private int length;
  private int hash;

  /** One that is set to one text after another, to look them up. */
  KeyText() {}

  /** Takes the text of another key. */
  void set(KeyText other) {
    bytes = other.bytes;
    start = other.start;
    length = other.length;
    hash = other.hash;
  }

  void set(byte[] bytes, int start, int length) {
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    int sum = 1;
    for (int i = start; i < start + length; i++) {
      sum = 31 * sum + bytes[i];
    }
    hash = sum;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyText that
        && Arrays.equals(
            bytes, start, start + length, that.bytes, that.start, that.start + that.length);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return new String(bytes, start, length, StandardCharsets.UTF_8);
  }
}
