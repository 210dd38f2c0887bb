package dev.millrace.server.shape;

/** Where rows go as messages, one after another. One thread. */
interface RowSink {

  /** Where to write the next message; {@link #ended} follows each. */
  ByteBuilder buffer();

  void ended();
}
