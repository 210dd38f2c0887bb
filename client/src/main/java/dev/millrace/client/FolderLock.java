package dev.millrace.client;

import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.SyncClientException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** That a folder is ours, on the whole machine, until this is closed or the process ends. */
final class FolderLock implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the folder, made if it is absent.
   *
   * @throws SyncClientException with {@link ErrorCode#STORE_IN_USE} if somebody else has it
   */
  static FolderLock take(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      @Nullable FileLock taken = null;
      try {
        taken = channel.tryLock();
      } catch (OverlappingFileLockException e) {
        // This process has it.
      }
      if (taken == null) {
        channel.close();
        throw new SyncClientException(
            ErrorCode.STORE_IN_USE,
            "another SyncManager, here or in another process, has " + folder);
      }
      return new FolderLock(channel);
    } catch (IOException e) {
      throw new SyncClientException(ErrorCode.STORE_FAILED, "cannot use the folder " + folder, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("cannot give back the folder's lock", e);
    }
  }
}
