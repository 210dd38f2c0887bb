/**
 * Writes: a batch of changes is applied as the user who sends it, exactly once.
 *
 * <p>Read first {@link dev.millrace.server.write.WriteGateway} (a batch goes in, an answer comes
 * out), {@link dev.millrace.server.write.WritePolicies} (what becomes of edits that meet), then, in
 * the order of a batch, {@code ChangePlanner} (held against the catalogue), {@code BatchWriter}
 * (one transaction with the ledger), {@code Judge} (which changes can be) and {@code RunWriter}
 * with {@code RowStatements} (many changes, one statement).
 *
 * <p>Invariants: a change is in the database exactly if its entry in the ledger is, because one
 * transaction writes both. What comes from a payload is a bound value, never a part of a statement;
 * names come from the catalogue. Nothing is done to a user's table but as the user's role.
 *
 * <p>Errors: what is wrong with a change is an {@code Outcome} and stays in the answer; what is
 * wrong with Postgres or the way to it is a {@link dev.millrace.server.write.WriteException}, and
 * the client sends the batch again. Of Postgres' errors only the first line is shown. Knows nothing
 * of HTTP.
 */
@NullMarked
package dev.millrace.server.write;

import org.jspecify.annotations.NullMarked;
