/**
 * What server and clients say to each other, as immutable values with their text forms: positions
 * ({@link dev.millrace.protocol.Offset}, {@link dev.millrace.protocol.Lsn}), names ({@link
 * dev.millrace.protocol.RelationName}, {@link dev.millrace.protocol.ShapeHandle}), and the JSON
 * text of strings ({@link dev.millrace.protocol.JsonText}).
 *
 * <p>Nothing here does I/O, reads a clock or knows a library. A text that does not parse is an
 * expected outcome and comes back as an empty {@code Optional} or a {@link
 * dev.millrace.protocol.InvalidName} with the message for the peer.
 */
@NullMarked
package dev.millrace.protocol;

import org.jspecify.annotations.NullMarked;
