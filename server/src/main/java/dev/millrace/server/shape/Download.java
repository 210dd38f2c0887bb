package dev.millrace.server.shape;

/**
 * What a new client of a shape downloads, the snapshot and the whole log, held against what it gets
 * for it: the rows there are now. Their size is estimated, since the log does not say how large a
 * deleted row was: the number of rows, times what a row takes in the snapshot or a message in the
 * log, whichever is more.
 */
record Download(long snapshotBytes, long snapshotRows, ShapeLog.Size log) {

  /** How many times the table a client downloads in vain at most. */
  private static final int MOST_IN_VAIN = 2;

  static Download of(Shape shape) {
    return new Download(shape.snapshot().bytes(), shape.snapshot().rows(), shape.log().size());
  }

  long bytes() {
    return snapshotBytes + log.bytes();
  }

  /** About how many bytes a fresh snapshot would have. */
  long tableBytes() {
    long rows = Math.max(0, snapshotRows + log.growth());
    long rowBytes =
        Math.max(
            snapshotBytes / Math.max(1, snapshotRows), log.bytes() / Math.max(1, log.messages()));
    return rows * rowBytes;
  }

  /**
   * Whether a fresh snapshot would spare much.
   *
   * @param floor bytes that are always tolerated
   */
  boolean isExcessive(long floor) {
    return bytes() - tableBytes() > Math.max(floor, MOST_IN_VAIN * tableBytes());
  }
}
