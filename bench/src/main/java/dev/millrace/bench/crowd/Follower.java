package dev.millrace.bench.crowd;

import dev.millrace.bench.client.BytePattern;
import dev.millrace.bench.client.LiveMode;
import dev.millrace.bench.client.LogMessages;
import dev.millrace.bench.client.Occurrences;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.client.ShapePosition;
import dev.millrace.protocol.Offset;
import java.io.IOException;
import java.util.Optional;

/**
 * Follows a shape: asks once what there is, then for what comes, again as soon as an answer ends.
 * It has a change when it has the up-to-date behind it, which is when a client shows it.
 */
public final class Follower implements Errand {
  private static final BytePattern OFFSET = AnswerHead.name("electric-offset");
  private static final BytePattern CURSOR = AnswerHead.name("electric-cursor");

  private final ShapeAddress address;
  private final LiveMode mode;
  private final String handle;
  private final Attendance joined;
  private final Attendance informed;
  private final LogMessages messages;
  private final Occurrences upToDates = Occurrences.ofUpToDates();

  private Offset offset;
  private String cursor = "";
  private boolean isLive;
  private boolean hasJoined;

  /** Number of the row that came last, while no up-to-date has followed it; else 0. */
  private long unconfirmed;

  /** Is counted as joined when it waits for changes, and as informed with each row it has. */
  public Follower(
      ShapeAddress address,
      LiveMode mode,
      ShapePosition start,
      Attendance joined,
      Attendance informed) {
    this.address = address;
    this.mode = mode;
    this.handle = start.handle();
    this.offset = start.offset();
    this.joined = joined;
    this.informed = informed;
    this.messages = new LogMessages(row -> unconfirmed = row, start.offset());
  }

  @Override
  public Optional<String> first() {
    return Optional.of(address.from(handle, offset));
  }

  @Override
  public void head(AnswerHead head) throws IOException {
    head.requireOk();
    cursor = head.value(CURSOR).orElse("");
    if (mode == LiveMode.LONG_POLL) {
      offset = head.value(OFFSET).flatMap(Offset::parse).orElse(offset);
    }
    if (isLive && mode == LiveMode.EVENT_STREAM) {
      join();
    }
  }

  @Override
  public void body(byte[] bytes, int start, int length) throws IOException {
    messages.accept(bytes, start, length);
    long before = upToDates.count();
    upToDates.accept(bytes, start, length);
    if (unconfirmed != 0 && upToDates.count() > before) {
      informed.arrive(unconfirmed);
      unconfirmed = 0;
    }
  }

  @Override
  public Optional<String> next() {
    if (mode == LiveMode.EVENT_STREAM) {
      offset = messages.position();
    } else {
      join();
    }
    isLive = true;
    return Optional.of(address.live(mode, handle, offset, cursor));
  }

  private void join() {
    if (!hasJoined) {
      hasJoined = true;
      joined.arrive(0);
    }
  }
}
