/**
 * How fast changes come from Postgres into a shape, and on to live clients ({@link
 * dev.millrace.bench.replication.ReplicationBench}), beside {@code pg_recvlogical}.
 */
@NullMarked
package dev.millrace.bench.replication;

import org.jspecify.annotations.NullMarked;
