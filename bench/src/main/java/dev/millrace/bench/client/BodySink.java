package dev.millrace.bench.client;

import java.io.IOException;

/** Takes the body of an answer, part by part, cut anywhere. */
@FunctionalInterface
public interface BodySink {

  /** Reads and forgets. */
  BodySink DISCARD = (_, _, _) -> {};

  /** The bytes belong to the caller again afterwards. */
  void accept(byte[] bytes, int start, int length) throws IOException;
}
