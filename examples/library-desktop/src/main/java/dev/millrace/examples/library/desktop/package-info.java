/**
 * A window of the Library on a desktop, in Swing. Read first {@link
 * dev.millrace.examples.library.desktop.Library}, all that the window does with the data, and
 * {@link dev.millrace.examples.library.desktop.LibraryPane}, what is seen of it.
 *
 * <p>Components show what they are told and pass on what a person does. What is decided is decided
 * by functions of values: {@code WorksView}, {@code RowsChange}, {@code WorkForm}, {@code Badge},
 * {@code ChangeWords}. The event thread reads and writes no file and no network.
 *
 * <p>Errors: what the client throws while something is done is told in the status line; nothing is
 * lost by it, since nothing was written. A server that is away is no error.
 */
@NullMarked
package dev.millrace.examples.library.desktop;

import org.jspecify.annotations.NullMarked;
