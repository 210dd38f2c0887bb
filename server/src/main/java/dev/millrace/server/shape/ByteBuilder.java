package dev.millrace.server.shape;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing run of bytes with what JSON text needs: numbers in decimal and strings with their
 * escapes. Input is UTF-8 and stays so. One thread.
 *
 * <p>Strings are copied in runs: eight bytes at a time are tested for a byte that JSON forbids (a
 * quote, a backslash, anything below a space) by the arithmetic of "Bit Twiddling Hacks" (S.
 * Anderson, "Determine if a word has a byte less than n"), and what is clean is copied whole.
 */
final class ByteBuilder {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = ONES << 7;
  private static final long SPACES = ONES * ' ';
  private static final long QUOTES = ONES * '"';
  private static final long BACKSLASHES = ONES * '\\';
  private static final long SLASHES = ONES * '/';
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes;
  private int size;

  ByteBuilder(int capacity) {
    bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  /** How large it has grown. */
  int capacity() {
    return bytes.length;
  }

  void clear() {
    size = 0;
  }

  /** Forgets all but the first {@code length} bytes. */
  void cut(int length) {
    size = length;
  }

  /** Where the bytes lie, from 0 on; valid until the next change. */
  byte[] array() {
    return bytes;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  /** A view of the bytes so far, valid until the next change. */
  ByteBuffer view() {
    return ByteBuffer.wrap(bytes, 0, size);
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), growth()));
    }
  }

  private int growth() {
    return bytes.length > Integer.MAX_VALUE / 2 ? Integer.MAX_VALUE - 8 : bytes.length * 2;
  }

  ByteBuilder add(byte b) {
    reserve(1);
    bytes[size++] = b;
    return this;
  }

  ByteBuilder add(byte[] source) {
    return add(source, 0, source.length);
  }

  ByteBuilder add(byte[] source, int start, int length) {
    reserve(length);
    System.arraycopy(source, start, bytes, size, length);
    size += length;
    return this;
  }

  ByteBuilder add(ByteBuffer source) {
    int length = source.remaining();
    reserve(length);
    source.get(bytes, size, length);
    size += length;
    return this;
  }

  ByteBuilder add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds {@code value}, at least 0, in decimal. */
  ByteBuilder addDecimal(long value) {
    reserve(20);
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    long rest = value;
    for (int i = size + digits - 1; i >= size; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    size += digits;
    return this;
  }

  /** Adds a JSON string, quotes included, of UTF-8 text. */
  void addJsonString(byte[] source, int start, int length) {
    reserve(2 + length * 2);
    bytes[size++] = '"';
    int end = start + length;
    int at = start;
    while (at < end) {
      int clean = cleanRun(source, at, end);
      System.arraycopy(source, at, bytes, size, clean);
      size += clean;
      at += clean;
      if (at < end) {
        reserve(8 + (end - at) * 2);
        addEscaped(source[at++]);
      }
    }
    bytes[size++] = '"';
  }

  /**
   * Adds a JSON string of a field in the text form of COPY, whose escapes are almost JSON's own:
   * only the vertical tab differs.
   *
   * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, text format</a>
   */
  void addJsonStringOfCopyField(byte[] source, int start, int length) {
    reserve(2 + length * 2);
    bytes[size++] = '"';
    int end = start + length;
    int at = start;
    while (at < end) {
      int clean = cleanRun(source, at, end);
      System.arraycopy(source, at, bytes, size, clean);
      size += clean;
      at += clean;
      if (at < end) {
        reserve(8 + (end - at) * 2);
        if (source[at] == '\\') {
          addEscaped(unescape(source[at + 1]));
          at += 2;
        } else {
          addEscaped(source[at++]);
        }
      }
    }
    bytes[size++] = '"';
  }

  /** Adds UTF-8 text to a JSON string that is a row's key: each slash doubled. */
  void addKeyText(byte[] source, int start, int length) {
    int end = start + length;
    for (int at = addKeyRun(source, start, end); at < end; at = addKeyRun(source, at + 1, end)) {
      addOfKey(source[at]);
    }
  }

  /** The same, of a field in the text form of COPY. */
  void addKeyTextOfCopyField(byte[] source, int start, int length) {
    int end = start + length;
    int at = addKeyRun(source, start, end);
    while (at < end) {
      byte b = source[at++];
      addOfKey(b == '\\' ? unescape(source[at++]) : b);
      at = addKeyRun(source, at, end);
    }
  }

  private void addOfKey(byte b) {
    addEscaped(b);
    if (b == '/') {
      add(b);
    }
  }

  /** Adds what needs neither an escape nor a second slash; returns where that ends. */
  private int addKeyRun(byte[] source, int start, int end) {
    int at = start;
    while (at + Long.BYTES <= end && isCleanOfKey((long) LONGS.get(source, at))) {
      at += Long.BYTES;
    }
    while (at < end && isClean(source[at]) && source[at] != '/') {
      at++;
    }
    add(source, start, at - start);
    return at;
  }

  /** The byte that COPY writes as a backslash and {@code letter}. */
  static byte unescape(byte letter) {
    return switch (letter) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 0x0b;
      default -> letter;
    };
  }

  /** Adds one byte of a JSON string, escaped if JSON asks for it. */
  void addEscaped(byte b) {
    reserve(6);
    switch (b) {
      case '"', '\\' -> addPair(b);
      case '\n' -> addPair((byte) 'n');
      case '\r' -> addPair((byte) 'r');
      case '\t' -> addPair((byte) 't');
      case '\b' -> addPair((byte) 'b');
      case '\f' -> addPair((byte) 'f');
      default -> {
        if (b >= 0 && b < ' ') {
          bytes[size++] = '\\';
          bytes[size++] = 'u';
          bytes[size++] = '0';
          bytes[size++] = '0';
          bytes[size++] = HEX[b >> 4];
          bytes[size++] = HEX[b & 15];
        } else {
          bytes[size++] = b;
        }
      }
    }
  }

  private void addPair(byte letter) {
    bytes[size++] = '\\';
    bytes[size++] = letter;
  }

  /** How many bytes from {@code start} on need no escape. */
  private static int cleanRun(byte[] source, int start, int end) {
    int at = start;
    while (at + Long.BYTES <= end && isClean((long) LONGS.get(source, at))) {
      at += Long.BYTES;
    }
    while (at < end && isClean(source[at])) {
      at++;
    }
    return at - start;
  }

  private static boolean isClean(byte b) {
    return (b >= ' ' || b < 0) && b != '"' && b != '\\';
  }

  private static boolean isClean(long eight) {
    long control = (eight - SPACES) & ~eight;
    long quote = eight ^ QUOTES;
    quote = (quote - ONES) & ~quote;
    long backslash = eight ^ BACKSLASHES;
    backslash = (backslash - ONES) & ~backslash;
    return ((control | quote | backslash) & HIGH_BITS) == 0;
  }

  private static boolean isCleanOfKey(long eight) {
    long slash = eight ^ SLASHES;
    slash = (slash - ONES) & ~slash;
    return (slash & HIGH_BITS) == 0 && isClean(eight);
  }
}
