package dev.millrace.dev;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right of one process to a folder: a lock on the file {@code owner.lock} in it, which the
 * kernel lifts when the process ends, however it ends. The file names the holder's process id.
 *
 * <p>A POSIX lock is lost when its process closes any descriptor of the file, so this process must
 * not open a file it has locked; that is why it remembers here what it holds.
 */
final class FolderLock implements AutoCloseable {
  private static final String FILE = "owner.lock";
  private static final int TRIALS = 10;
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /** Throws a {@link DevException} that names the holder when the folder is taken. */
  static FolderLock take(Path path) throws IOException, InterruptedException {
    Path folder = Files.createDirectories(path).toRealPath();
    if (!HELD.add(folder)) {
      throw taken(folder, "this process");
    }
    try {
      return new FolderLock(folder, locked(folder));
    } catch (IOException | InterruptedException | DevException e) {
      HELD.remove(folder);
      throw e;
    }
  }

  /** Whether a process holds the folder. */
  static boolean isTaken(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file) || HELD.contains(folder.toRealPath())) {
      return Files.exists(file);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return channel.tryLock() == null;
    }
  }

  private static FileChannel locked(Path folder) throws IOException, InterruptedException {
    Path file = folder.resolve(FILE);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    for (int trial = 1; channel.tryLock() == null; trial++) {
      if (trial == TRIALS) {
        channel.close();
        throw taken(folder, "process " + Files.readString(file).strip());
      }
      Thread.sleep(20); // It may be another process that only asks whether the folder is taken.
    }
    channel.truncate(0);
    channel.write(UTF_8.encode(ProcessHandle.current().pid() + "\n"));
    return channel;
  }

  private static DevException taken(Path folder, String holder) {
    return new DevException("The folder " + folder + " is in use by " + holder + ".");
  }

  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      channel.close();
      HELD.remove(folder);
    }
  }
}
