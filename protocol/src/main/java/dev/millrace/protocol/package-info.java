/**
 * What server and clients say to each other, as immutable values with their text forms: positions
 * ({@link dev.millrace.protocol.Offset}, {@link dev.millrace.protocol.Lsn}), names ({@link
 * dev.millrace.protocol.RelationName}, {@link dev.millrace.protocol.ShapeHandle}), JSON ({@link
 * dev.millrace.protocol.Json}), and writes: a {@link dev.millrace.protocol.WriteBatch} of changes
 * and the {@link dev.millrace.protocol.WriteAnswer} to it.
 *
 * <p>Nothing here does I/O or reads a clock; the one library is the JSON parser behind {@link
 * dev.millrace.protocol.JsonReader}. A text that does not parse is an expected outcome and comes
 * back as an empty {@code Optional}, or as an {@link dev.millrace.protocol.InvalidName} or {@link
 * dev.millrace.protocol.InvalidJson} with the message for the peer.
 */
@NullMarked
package dev.millrace.protocol;

import org.jspecify.annotations.NullMarked;
