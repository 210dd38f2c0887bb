/**
 * The Library's works, and for each its files (assets) and its readers' notes (annotations). Read
 * first {@link dev.millrace.examples.library.Work}; all else that an application needs for it the
 * compiler writes, {@code Works} above all.
 */
@NullMarked
package dev.millrace.examples.library;

import org.jspecify.annotations.NullMarked;
