/**
 * Postgres' values and what its operators and functions make of them, exactly: the types, their
 * text forms, their order and their arithmetic.
 *
 * <p>Read first {@link dev.millrace.server.filter.value.Type} (which Java object stands for a value
 * of which type) and {@link dev.millrace.server.filter.value.TextForm} (from text to value and
 * back).
 *
 * <p>Errors: {@link dev.millrace.server.filter.value.EvaluationException} where Postgres would
 * raise one. Pure functions and immutable values; no I/O, nothing of expressions, rows or shapes.
 */
@NullMarked
package dev.millrace.server.filter.value;

import org.jspecify.annotations.NullMarked;
