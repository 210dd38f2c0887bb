/**
 * SQL expressions that come from a request. Postgres parses and evaluates them; this package makes
 * sure beforehand that such a text is one expression and nothing else, wherever it is put.
 *
 * <p>Read first {@link dev.millrace.server.filter.SqlExpression} (a text that has been cut into
 * tokens and found balanced) and {@link dev.millrace.server.filter.FunctionRules} (what it may
 * call).
 *
 * <p>Errors: {@link dev.millrace.server.filter.InvalidExpression} with the place in the text. Knows
 * nothing of shapes or HTTP.
 */
@NullMarked
package dev.millrace.server.filter;

import org.jspecify.annotations.NullMarked;
