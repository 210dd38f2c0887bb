/**
 * From the compiler's elements to the model. Read first {@link
 * dev.millrace.processor.read.EntityReader}. What cannot be stored is read as such, so that all of
 * it can be reported.
 */
@NullMarked
package dev.millrace.processor.read;

import org.jspecify.annotations.NullMarked;
