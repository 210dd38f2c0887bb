package dev.millrace.bench.crowd;

import java.io.IOException;
import java.util.Optional;

/** What one client of a {@link Crowd} is there for. On the crowd's thread. */
public interface Errand {

  /** The path of the first request; empty if there is nothing to ask. */
  Optional<String> first() throws IOException;

  /** An answer begins. */
  void head(AnswerHead head) throws IOException;

  /** A part of its body, cut anywhere; the bytes belong to the caller again afterwards. */
  void body(byte[] bytes, int start, int length) throws IOException;

  /** The answer is whole. Gives the path of the next request; empty if there is none. */
  Optional<String> next() throws IOException;
}
