package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;

/**
 * A place between any two bytes of a log: so many bytes after the beginning of a message. It stays
 * the same when the messages move.
 *
 * @param message the offset of that message
 * @param bytes may reach beyond the message
 */
record LogMark(Offset message, long bytes) {

  LogMark plus(long more) {
    return new LogMark(message, bytes + more);
  }
}
