/**
 * The edge to Postgres: connections, the catalogue, the publication, and the logical replication
 * slot whose pgoutput messages become changes.
 *
 * <p>Read first {@link dev.millrace.server.postgres.ReplicationStream} (one connection that follows
 * the slot) and {@link dev.millrace.server.postgres.ChangeSink} (what it tells, in order).
 *
 * <p>Errors: every {@code SQLException} is wrapped once, here, in a {@link
 * dev.millrace.server.postgres.DatabaseException} with what we were doing; its {@link
 * dev.millrace.server.postgres.DatabaseException.Kind} says whether trying again can help. Knows
 * nothing of shapes or HTTP.
 */
@NullMarked
package dev.millrace.server.postgres;

import org.jspecify.annotations.NullMarked;
