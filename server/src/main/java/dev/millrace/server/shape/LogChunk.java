package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;

/** A part of a log that a reader gets with one request (protocol section 4.1). */
sealed interface LogChunk permits SealedChunk, TailChunk {

  Offset first();

  /** Offset of the last message so far. */
  Offset last();
}
