/**
 * SQL expressions that come from a request. Postgres parses them and says what they mean; this
 * package makes sure beforehand that such a text is one expression and nothing else, wherever it is
 * put, and evaluates conditions on the rows of the stream as Postgres would.
 *
 * <p>Read first {@link dev.millrace.server.filter.SqlExpression} (a text that has been cut into
 * tokens and found balanced), {@link dev.millrace.server.filter.FunctionRules} (what it may call)
 * and {@link dev.millrace.server.filter.FilterAnalysis} (how a condition becomes a {@link
 * dev.millrace.server.filter.Filter}); then {@link dev.millrace.server.filter.FilterCompiler}
 * (canonical text → {@link dev.millrace.server.filter.Expression} → {@link
 * dev.millrace.server.filter.CompiledFilter}).
 *
 * <p>What we cannot evaluate exactly as Postgres does we do not evaluate: such a conjunct is
 * delegated. Errors: {@link dev.millrace.server.filter.InvalidExpression} with the place in the
 * text. Knows nothing of shapes or HTTP.
 */
@NullMarked
package dev.millrace.server.filter;

import org.jspecify.annotations.NullMarked;
