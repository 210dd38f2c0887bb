/**
 * Reads what the user has: synced rows and pending changes, merged.
 *
 * <p>Read first {@link dev.millrace.client.query.Query} (conditions, order and limit, made into one
 * SQL statement) and {@link dev.millrace.client.query.LiveQuery} (the same, told anew when it
 * changes). {@link dev.millrace.client.query.Column} makes conditions with the column's Java type.
 *
 * <p>Invariants: a query reads one committed state of the store and waits for no writer; a live
 * query tells of a transaction whole or not at all. Knows nothing of how rows get there.
 */
@NullMarked
package dev.millrace.client.query;

import org.jspecify.annotations.NullMarked;
