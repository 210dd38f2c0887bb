package dev.millrace.bench.crowd;

import dev.millrace.bench.client.BytePattern;
import java.io.IOException;
import java.util.Arrays;

/**
 * Takes the answers of an HTTP/1.1 connection apart, one after another, however they are cut. One
 * thread.
 */
final class AnswerReader {
  private static final BytePattern EMPTY_LINE = BytePattern.of("\r\n\r\n");
  private static final byte[] NOTHING = {};

  /** What comes next on the connection. */
  private enum Part {
    HEAD,
    BODY,
    CHUNK_LENGTH,
    CHUNK,
    CHUNK_END,
    LAST_LINE
  }

  /** Told of a whole answer. */
  @FunctionalInterface
  interface End {
    void reached() throws IOException;
  }

  private final Errand errand;
  private final End end;
  private Part part = Part.HEAD;

  /** The bytes that the body or the chunk still lacks. */
  private long missing;

  /** What has come of a head that was cut; else nothing, so that a waiting client costs little. */
  private byte[] begun = NOTHING;

  AnswerReader(Errand errand, End end) {
    this.errand = errand;
    this.end = end;
  }

  void read(byte[] bytes, int length) throws IOException {
    int at = 0;
    while (at < length) {
      at =
          switch (part) {
            case HEAD -> head(bytes, at, length);
            case BODY, CHUNK -> body(bytes, at, length);
            case CHUNK_LENGTH -> chunkLength(bytes, at, length);
            case CHUNK_END, LAST_LINE -> lineEnd(bytes, at, length);
          };
    }
  }

  private int head(byte[] bytes, int from, int to) throws IOException {
    if (begun.length > 0) {
      return cutHead(bytes, from, to);
    }
    int found = EMPTY_LINE.find(bytes, from, to);
    if (found < 0) {
      begun = Arrays.copyOfRange(bytes, from, to);
      return to;
    }
    int after = found + EMPTY_LINE.length();
    began(new AnswerHead(bytes, from, after));
    return after;
  }

  private int cutHead(byte[] bytes, int from, int to) throws IOException {
    int before = begun.length;
    begun = Arrays.copyOf(begun, before + to - from);
    System.arraycopy(bytes, from, begun, before, to - from);
    int found = EMPTY_LINE.find(begun, 0, begun.length);
    if (found < 0) {
      return to;
    }
    int after = found + EMPTY_LINE.length();
    AnswerHead head = new AnswerHead(begun, 0, after);
    begun = NOTHING;
    began(head);
    return from + after - before;
  }

  private void began(AnswerHead head) throws IOException {
    boolean isChunked = head.isChunked();
    missing = isChunked ? 0 : head.contentLength();
    part = isChunked ? Part.CHUNK_LENGTH : Part.BODY;
    errand.head(head);
    if (part == Part.BODY && missing == 0) {
      ended();
    }
  }

  private int body(byte[] bytes, int from, int to) throws IOException {
    int length = (int) Math.min(missing, to - from);
    missing -= length;
    errand.body(bytes, from, length);
    if (missing == 0) {
      if (part == Part.BODY) {
        ended();
      } else {
        part = Part.CHUNK_END;
      }
    }
    return from + length;
  }

  private int chunkLength(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] != '\n') {
      int digit = Character.digit(bytes[at], 16);
      missing = digit < 0 ? missing : missing * 16 + digit;
      at++;
    }
    if (at == to) {
      return to;
    }
    part = missing == 0 ? Part.LAST_LINE : Part.CHUNK;
    return at + 1;
  }

  private int lineEnd(byte[] bytes, int from, int to) throws IOException {
    int at = from;
    while (at < to && bytes[at] != '\n') {
      at++;
    }
    if (at == to) {
      return to;
    }
    if (part == Part.LAST_LINE) {
      ended();
    } else {
      part = Part.CHUNK_LENGTH;
    }
    return at + 1;
  }

  private void ended() throws IOException {
    part = Part.HEAD;
    end.reached();
  }
}
