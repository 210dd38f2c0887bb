package dev.millrace.server.http;

/**
 * What may be sent to {@code /api/writes/batch}.
 *
 * @param changes in one batch
 * @param bytes of a batch, unpacked
 * @param batches at once, and {@code batchesPerUser}
 * @param versions of applications that may write
 */
public record WriteLimits(
    int changes, int bytes, int batches, int batchesPerUser, SchemaVersions versions) {

  /** What holds where nothing else is set. */
  public static final WriteLimits DEFAULT =
      new WriteLimits(1_000, 4 << 20, 256, 4, SchemaVersions.ALL);
}
