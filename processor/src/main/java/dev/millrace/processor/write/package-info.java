/**
 * From the model to what an application is compiled with: a class a file, and the description that
 * {@code millrace check-schema} reads. Read first {@link dev.millrace.processor.write.EntityWriter}
 * and {@link dev.millrace.processor.write.SourceText}, which resolves names and breaks lines.
 *
 * <p>Invariants: no clock, no paths, no order of a hash: the same model gives the same text.
 */
@NullMarked
package dev.millrace.processor.write;

import org.jspecify.annotations.NullMarked;
