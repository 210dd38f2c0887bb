package dev.millrace.bench.snapshot;

import dev.millrace.bench.client.BodySink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Answers, written to a file each. One thread. */
final class ChunkFiles implements BodySink, AutoCloseable {
  private final Path folder;
  private OutputStream file = OutputStream.nullOutputStream();
  private int count;

  ChunkFiles(Path folder) {
    this.folder = folder;
  }

  static String name(int number) {
    return number + ".json";
  }

  /** What follows belongs to the answer of this number, from 0 on. */
  void next(int number) throws IOException {
    file.close();
    file = Files.newOutputStream(folder.resolve(name(number)));
    count = number + 1;
  }

  int count() {
    return count;
  }

  @Override
  public void accept(byte[] bytes, int start, int length) throws IOException {
    file.write(bytes, start, length);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
