package dev.millrace.bench.client;

import java.util.Arrays;

/**
 * The bytes of a body that have not been dealt with: what a part left over, and the next part
 * behind it.
 */
final class Leftover {
  private byte[] bytes = {};
  private int size;

  byte[] bytes() {
    return bytes;
  }

  int size() {
    return size;
  }

  void add(byte[] part, int start, int length) {
    if (size + length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size + length, bytes.length * 2));
    }
    System.arraycopy(part, start, bytes, size, length);
    size += length;
  }

  /** Forgets the first bytes. */
  void drop(int count) {
    System.arraycopy(bytes, count, bytes, 0, size - count);
    size -= count;
  }
}
