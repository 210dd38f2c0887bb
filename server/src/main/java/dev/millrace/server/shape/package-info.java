/**
 * Shapes: which there are, which a change touches, and what each holds - a snapshot plus a log.
 *
 * <p>The way of a change: {@link dev.millrace.server.shape.ChangeRouter} (one thread: the one that
 * follows the slot) finds the shapes it touches, their {@code MessageEncoder} writes it as bytes
 * into each {@link dev.millrace.server.shape.ShapeLog}, {@code Journal} makes it durable, and
 * {@link dev.millrace.server.shape.Waiters} wakes who waits for it. {@link
 * dev.millrace.server.shape.Shapes} is what there is of shapes as a whole, put together of {@code
 * ShapeRegistry}, {@code ShapeMaker}, {@code ShapeMover}, {@code ShapeStore}, {@code Successors}
 * and {@code SubsetReader}; {@link dev.millrace.server.shape.Snapshot} is the copy of the table
 * that a shape starts from.
 *
 * <p>Invariants: a log shows whole transactions only, in commit order; what a reader has been given
 * is never changed; nothing is confirmed to Postgres before the journal holds it on disk; sealed
 * chunks and finished snapshot chunks never change. Lock order: router, then log; no I/O to a
 * client under either.
 *
 * <p>Errors: {@link dev.millrace.server.shape.ShapeException} for a shape that cannot be made now;
 * {@code UncheckedIOException} when the disk fails, which stops the replication loop until it can
 * write again. Must not know about HTTP.
 */
@NullMarked
package dev.millrace.server.shape;

import org.jspecify.annotations.NullMarked;
