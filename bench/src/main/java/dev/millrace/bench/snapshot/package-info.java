/**
 * How fast a shape is made and read ({@link dev.millrace.bench.snapshot.SnapshotBench}), beside
 * COPY and a static-file server.
 */
@NullMarked
package dev.millrace.bench.snapshot;

import org.jspecify.annotations.NullMarked;
