package dev.millrace.client.stream;

/** How a stream asks for what comes next. */
public enum Ask {
  /** What is there, at once. */
  CATCH_UP,
  /** What is there, or else the next that comes; the answer ends with it. */
  LONG_POLL,
  /** The same without an end, as server-sent events. */
  EVENT_STREAM
}
