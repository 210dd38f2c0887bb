/**
 * How soon a live client has a row that was committed ({@link
 * dev.millrace.bench.latency.LatencyBench}), beside a bare reader of the replication stream.
 */
@NullMarked
package dev.millrace.bench.latency;

import org.jspecify.annotations.NullMarked;
