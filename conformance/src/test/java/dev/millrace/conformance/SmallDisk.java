package dev.millrace.conformance;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.opentest4j.TestAbortedException;

/** A file system of its own with little room, that can be filled and emptied. */
record SmallDisk(Path folder) implements AutoCloseable {

  /**
   * Mounts one on {@code folder}.
   *
   * @param size as {@code mount} takes it
   * @throws TestAbortedException where nobody may mount: the test needs root
   */
  static SmallDisk mount(Path folder, String size) throws IOException {
    Files.createDirectories(folder);
    int code = run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder.toString());
    if (code != 0) {
      throw new TestAbortedException("cannot mount a tmpfs here, so a full disk is not tested");
    }
    return new SmallDisk(folder);
  }

  private static int run(String... command) throws IOException {
    return new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue();
  }

  /** Leaves not a page. */
  void fill() throws IOException {
    byte[] page = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler(), StandardOpenOption.CREATE)) {
      while (true) {
        out.write(page);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left")) {
        throw e;
      }
    }
  }

  void makeRoom() throws IOException {
    Files.delete(filler());
  }

  private Path filler() {
    return folder.resolve("filler");
  }

  @Override
  public void close() throws IOException {
    run("umount", folder.toString());
  }
}
