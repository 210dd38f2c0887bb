/**
 * The command {@code ./millrace bench} ({@link dev.millrace.bench.BenchMain}): benchmarks of the
 * server as a child process, each of which prints its figure beside a yardstick measured in the
 * same run. {@code snapshot}, {@code replication}, {@code latency}, {@code fanout}, {@code idle}
 * and {@code shapes} hold one each, {@code run} what they share, {@code client} the client they
 * read with, {@code crowd} thousands of them, {@code bare} a yardstick of several.
 */
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
