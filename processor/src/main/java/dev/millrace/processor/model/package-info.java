/**
 * What is known of a synced record, as values. Read first {@link
 * dev.millrace.processor.model.EntityModel} and {@link dev.millrace.processor.model.ValueKind}.
 * Knows elements of the compiler as places to complain at, and nothing else of it.
 */
@NullMarked
package dev.millrace.processor.model;

import org.jspecify.annotations.NullMarked;
