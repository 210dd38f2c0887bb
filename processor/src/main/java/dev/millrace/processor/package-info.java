/**
 * The annotation processor: of each record marked {@code @Synced} it writes the classes that an
 * application uses, while the application is compiled.
 *
 * <p>Read first {@link dev.millrace.processor.EntityProcessor}, which does for each record in turn:
 * {@code read} (from the compiler's elements to a {@code model}), {@code validate} (what is wrong
 * with it, all of it), {@code write} (from the model to sources and a description).
 *
 * <p>Invariants: what is written of a record depends on that record and the types it names alone;
 * the same sources give the same bytes. Problems are the compiler's errors, each at its element;
 * nothing is thrown. It needs nothing but the JDK and the annotations.
 */
@NullMarked
package dev.millrace.processor;

import org.jspecify.annotations.NullMarked;
