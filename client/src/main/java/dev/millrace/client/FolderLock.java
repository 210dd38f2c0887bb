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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** That a folder is ours, on the whole machine, until this is closed or the process ends. */
final class FolderLock implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);

  /**
   * What this process has. Looked at before the file is opened: once a process closes a file it
   * loses all its locks on it, however it came to them (POSIX).
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
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
      Path real = folder.toRealPath();
      if (!HELD.add(real)) {
        throw inUse(folder);
      }
      try {
        return take(folder, real);
      } catch (IOException | RuntimeException e) {
        HELD.remove(real);
        throw e;
      }
    } catch (IOException e) {
      throw new SyncClientException(ErrorCode.STORE_FAILED, "cannot use the folder " + folder, e);
    }
  }

  private static FolderLock take(Path folder, Path real) throws IOException {
    FileChannel channel =
        FileChannel.open(real.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock taken = null;
    try {
      taken = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Another class loader of this process has it.
    }
    if (taken == null) {
      channel.close();
      throw inUse(folder);
    }
    return new FolderLock(real, channel);
  }

  private static SyncClientException inUse(Path folder) {
    return new SyncClientException(
        ErrorCode.STORE_IN_USE, "another SyncManager, here or in another process, has " + folder);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("cannot give back the folder's lock", e);
    } finally {
      HELD.remove(folder);
    }
  }
}
