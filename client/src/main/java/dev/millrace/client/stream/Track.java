package dev.millrace.client.stream;

/**
 * What a stream remembers of its way, whatever it is doing.
 *
 * @param isUpToDate whether the last answer said that nothing is missing
 * @param mayStream whether event streams are tried
 * @param failures in a row
 * @param refusedTokens in a row
 * @param shortStreams event streams in a row that ended as soon as they had begun, were held back
 *     on their way, or did not begin
 * @param refetches since the last live answer, by must-refetch or because something did not fit
 * @param stalls answers in a row that led nowhere
 */
public record Track(
    boolean isUpToDate,
    boolean mayStream,
    int failures,
    int refusedTokens,
    int shortStreams,
    int refetches,
    int stalls) {

  /** Event streams are given up after so many that were short: something buffers them. */
  static final int MOST_SHORT_STREAMS = 3;

  /** Before the first answer. */
  static Track begin(boolean mayStream) {
    return new Track(false, mayStream, 0, 0, 0, 0, 0);
  }

  Track answered(boolean nowUpToDate) {
    return new Track(nowUpToDate, mayStream, 0, 0, shortStreams, refetches, 0);
  }

  /** All is well: what was counted against loops is forgotten. */
  Track live() {
    return new Track(true, mayStream, 0, 0, shortStreams, 0, 0);
  }

  Track failed() {
    return new Track(
        isUpToDate, mayStream, failures + 1, refusedTokens, shortStreams, refetches, stalls);
  }

  Track refusedToken() {
    return new Track(
        isUpToDate, mayStream, failures, refusedTokens + 1, shortStreams, refetches, stalls);
  }

  Track refetch() {
    return new Track(false, mayStream, failures, 0, shortStreams, refetches + 1, 0);
  }

  Track stalled() {
    return new Track(
        isUpToDate, mayStream, failures, refusedTokens, shortStreams, refetches, stalls + 1);
  }

  /** An event stream was longer than a moment. */
  Track streamed() {
    return new Track(isUpToDate, mayStream, 0, 0, 0, refetches, stalls);
  }

  Track shortStream() {
    int count = shortStreams + 1;
    return new Track(
        isUpToDate,
        mayStream && count < MOST_SHORT_STREAMS,
        failures,
        refusedTokens,
        count,
        refetches,
        stalls);
  }

  Track withoutStreams() {
    return new Track(isUpToDate, false, failures, refusedTokens, 0, refetches, stalls);
  }

  /** What to ask for next. */
  Ask next() {
    if (!isUpToDate) {
      return Ask.CATCH_UP;
    }
    return mayStream ? Ask.EVENT_STREAM : Ask.LONG_POLL;
  }
}
