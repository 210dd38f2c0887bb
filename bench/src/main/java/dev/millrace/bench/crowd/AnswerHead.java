package dev.millrace.bench.crowd;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.bench.client.BytePattern;
import java.io.IOException;
import java.util.Optional;

/**
 * Status line and headers of an answer, as bytes that stay valid only while they are looked at.
 * Names are searched for in small letters, which is how the servers here write them.
 */
public final class AnswerHead {
  private static final BytePattern LENGTH = name("content-length");
  private static final BytePattern CHUNKED = BytePattern.of("\r\ntransfer-encoding: chunked\r\n");

  private final byte[] bytes;
  private final int start;
  private final int end;

  /** The last bytes are those of the empty line. */
  AnswerHead(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** What to look for to find a header. */
  static BytePattern name(String name) {
    return BytePattern.of("\r\n" + name + ": ");
  }

  /** An error unless all is well. */
  void requireOk() throws IOException {
    String status = text(start + "HTTP/1.1 ".length(), 3);
    if (!status.equals("200")) {
      throw new IOException("an answer of status " + status);
    }
  }

  Optional<String> value(BytePattern name) {
    int found = name.find(bytes, start, end);
    if (found < 0) {
      return Optional.empty();
    }
    int from = found + name.length();
    int to = from;
    while (bytes[to] != '\r') {
      to++;
    }
    return Optional.of(text(from, to - from));
  }

  private String text(int from, int length) {
    return new String(bytes, from, length, US_ASCII);
  }

  boolean isChunked() {
    return CHUNKED.find(bytes, start, end) >= 0;
  }

  long contentLength() throws IOException {
    return Long.parseLong(
        value(LENGTH).orElseThrow(() -> new IOException("an answer without a length")));
  }
}
