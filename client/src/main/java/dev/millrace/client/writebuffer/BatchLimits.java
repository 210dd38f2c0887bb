package dev.millrace.client.writebuffer;

/**
 * How large a batch may be. A change that is larger by itself, and changes that belong together,
 * are sent all the same.
 *
 * @param changes at least 1; the server takes 1000 at most
 * @param bytes of payloads; the server takes 4 MiB in all
 */
public record BatchLimits(int changes, long bytes) {

  public static final BatchLimits DEFAULT = new BatchLimits(500, 1024 * 1024);

  public BatchLimits {
    if (changes < 1 || bytes < 1) {
      throw new IllegalArgumentException("no such limits: " + changes + ", " + bytes);
    }
  }

  /** A part of it, after the server has found a batch too large. */
  BatchLimits shrunk(int halvings) {
    return new BatchLimits(Math.max(1, changes >> halvings), Math.max(1, bytes >> halvings));
  }
}
