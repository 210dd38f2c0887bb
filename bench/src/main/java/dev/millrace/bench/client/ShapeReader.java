package dev.millrace.bench.client;

import java.io.IOException;

/** Reads a shape from its first row until it is up to date. */
public record ShapeReader(HttpConnection connection, ShapeAddress address) {

  /** Gives the sink for each answer, which are numbered from 0. */
  @FunctionalInterface
  public interface Answers {
    BodySink sink(int number) throws IOException;
  }

  /** Reads it all into one sink; returns where it ends. */
  public ShapePosition read(BodySink body) throws IOException {
    return read(_ -> body);
  }

  /** Reads each answer into its sink; returns where the last one ends. */
  public ShapePosition read(Answers answers) throws IOException {
    ResponseHead head = answer(address.initial(), answers.sink(0));
    String handle = head.required("electric-handle");
    for (int number = 1; !head.isUpToDate(); number++) {
      head = answer(address.from(handle, head.offset()), answers.sink(number));
    }
    return new ShapePosition(handle, head.offset());
  }

  private ResponseHead answer(String path, BodySink body) throws IOException {
    ResponseHead head = connection.begin(path);
    connection.readBody(body);
    return head;
  }
}
