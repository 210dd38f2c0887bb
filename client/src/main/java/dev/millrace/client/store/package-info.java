/**
 * What a device keeps, in SQLite: synced tables (copies of what the server sent), the overlay
 * (local changes not yet confirmed, in order), and the merged view of both.
 *
 * <p>Read first {@link dev.millrace.client.store.Store} (opens the file, gives transactions, tells
 * who listens what has changed), {@link dev.millrace.client.store.Entity} (what is kept of a
 * table), {@link dev.millrace.client.store.SyncedTable} (takes what a shape sends) and {@link
 * dev.millrace.client.store.Overlay} (takes what the user writes).
 *
 * <p>Invariants: rows, place in the stream and handle change in one transaction; what the merged
 * view shows of a row with pending changes is folded anew in the transaction that changes either;
 * an overlay change goes only when the stream has shown its write, or by the user's wish. Knows
 * nothing of HTTP, tokens or time.
 *
 * <p>Errors: {@link dev.millrace.client.sqlite.SqliteException} from the disk; {@link
 * dev.millrace.client.store.SyncClientException} for the rest.
 */
@NullMarked
package dev.millrace.client.store;

import org.jspecify.annotations.NullMarked;
