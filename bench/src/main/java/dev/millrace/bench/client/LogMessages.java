package dev.millrace.bench.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.protocol.Offset;
import java.io.IOException;

/**
 * Finds the changes in a shape's log, in the form of an array or of server-sent events alike. It
 * relies on a message being one run of bytes whose last number is {@code op_position}, with {@code
 * lsn} before it. One thread.
 */
public final class LogMessages implements BodySink {
  private static final BytePattern OP_POSITION = BytePattern.of("\"op_position\":");
  private static final BytePattern LSN = BytePattern.of("\"lsn\":\"");
  private static final BytePattern NUMBER = BytePattern.of("\"n\":\"");

  private final RowListener listener;
  private final Leftover leftover = new Leftover();
  private Offset position;

  /** The position is that of a client that has read nothing yet. */
  public LogMessages(RowListener listener, Offset position) {
    this.listener = listener;
    this.position = position;
  }

  /** Offset of the last change found. */
  public Offset position() {
    return position;
  }

  @Override
  public void accept(byte[] bytes, int start, int length) throws IOException {
    leftover.add(bytes, start, length);
    int at = 0;
    int label = OP_POSITION.find(leftover.bytes(), at, leftover.size());
    while (label >= 0) {
      int end = digitsEnd(label + OP_POSITION.length());
      if (end == leftover.size()) {
        break; // The number may go on in the next part.
      }
      message(at, label);
      at = end;
      label = OP_POSITION.find(leftover.bytes(), at, leftover.size());
    }
    leftover.drop(at);
  }

  private void message(int start, int opLabel) throws IOException {
    listener.row(number(after(NUMBER, start, opLabel)));
    long lsn = number(after(LSN, start, opLabel));
    position = new Offset(lsn, number(opLabel + OP_POSITION.length()));
  }

  private int after(BytePattern label, int start, int end) throws IOException {
    int found = label.find(leftover.bytes(), start, end);
    if (found < 0) {
      throw new IOException(
          "a message without what was looked for: "
              + new String(leftover.bytes(), start, end - start, UTF_8));
    }
    return found + label.length();
  }

  private int digitsEnd(int from) {
    int at = from;
    while (at < leftover.size() && isDigit(leftover.bytes()[at])) {
      at++;
    }
    return at;
  }

  private long number(int from) {
    long value = 0;
    for (int at = from; isDigit(leftover.bytes()[at]); at++) {
      value = value * 10 + (leftover.bytes()[at] - '0');
    }
    return value;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
