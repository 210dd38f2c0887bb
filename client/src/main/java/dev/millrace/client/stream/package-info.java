/**
 * Follows one shape: the reading half of the client.
 *
 * <p>Read first {@link dev.millrace.client.stream.StreamState} and {@link
 * dev.millrace.client.stream.StreamMachine}, a pure function that decides for every state and every
 * event what is done; then {@link dev.millrace.client.stream.ShapeStream}, which does it with
 * transport, clock and store. The table of all states and events is in docs/client.md.
 *
 * <p>Invariants: what the stream shows is stored before anything further is asked for; there is one
 * request at a time; no failure ends a stream but that somebody stops it. Everything here runs on
 * the store's scheduler. Knows nothing of writes, but that some wait to be shown.
 *
 * <p>Errors: everything that fails is an event, and ends in the stream's status.
 */
@NullMarked
package dev.millrace.client.stream;

import org.jspecify.annotations.NullMarked;
