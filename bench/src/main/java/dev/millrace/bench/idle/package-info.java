/** What a live client costs while nothing happens ({@link dev.millrace.bench.idle.IdleBench}). */
@NullMarked
package dev.millrace.bench.idle;

import org.jspecify.annotations.NullMarked;
