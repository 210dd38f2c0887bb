/**
 * What the benchmarks share: a {@link dev.millrace.bench.run.Run} with its Postgres, its folder and
 * its {@link dev.millrace.bench.run.Report}; servers and programs to measure.
 *
 * <p>Whatever is started or written ends with this JVM, kill -9 included.
 *
 * <p>Errors: {@link dev.millrace.bench.run.BenchException} carries one plain sentence. A missed
 * target is a result, not an error; a lost, doubled or misplaced row is a problem that the report
 * shows.
 */
@NullMarked
package dev.millrace.bench.run;

import org.jspecify.annotations.NullMarked;
