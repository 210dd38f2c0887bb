/**
 * How fast changes are written for users ({@link dev.millrace.bench.writes.WritesBench}), beside
 * the same rows through one multi-row {@code INSERT … ON CONFLICT} under the same role.
 */
@NullMarked
package dev.millrace.bench.writes;

import org.jspecify.annotations.NullMarked;
