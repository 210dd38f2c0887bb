package dev.millrace.bench.crowd;

import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;

/**
 * Fetches one path after another; each whole answer is an arrival, numbered by its body's bytes.
 */
public final class Fetcher implements Errand {
  private final Iterator<String> paths;
  private final Attendance done;
  private long bodyBytes;

  /** The paths may be shared with others of the crowd. */
  public Fetcher(Iterator<String> paths, Attendance done) {
    this.paths = paths;
    this.done = done;
  }

  @Override
  public Optional<String> first() {
    return paths.hasNext() ? Optional.of(paths.next()) : Optional.empty();
  }

  @Override
  public void head(AnswerHead head) throws IOException {
    head.requireOk();
    bodyBytes = 0;
  }

  @Override
  public void body(byte[] bytes, int start, int length) {
    bodyBytes += length;
  }

  @Override
  public Optional<String> next() {
    done.arrive(bodyBytes);
    return first();
  }
}
