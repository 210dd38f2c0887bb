/**
 * A client of the shape protocol that costs as little as it can, so that what is measured is the
 * server: one plain socket ({@link dev.millrace.bench.client.HttpConnection}), bodies handed on as
 * they arrive ({@link dev.millrace.bench.client.BodySink}), rows recognised by searching for bytes.
 * It knows only the table of the benchmarks, whose column {@code n} numbers the rows.
 *
 * <p>Errors: {@link java.io.IOException} when the connection breaks or an answer is not what was
 * asked for.
 */
@NullMarked
package dev.millrace.bench.client;

import org.jspecify.annotations.NullMarked;
