/**
 * The Java client of Millrace: an application reads and writes a local copy of its user's rows, at
 * once, online or off; a background thread keeps it in step with the server.
 *
 * <p>Read first {@link dev.millrace.client.SyncManager}, the one object an application opens;
 * {@link dev.millrace.client.Rows}, what it does with the rows of an entity; {@link
 * dev.millrace.client.ClientSettings}. Behind them, in the order a row goes: {@code writebuffer}
 * (up), {@code stream} (down), {@code store}, {@code query}.
 *
 * <p>Invariants: one process has a folder at a time, and each entity's stream exists once; one
 * user's rows lie in one file and are shown to nobody else; nothing that fails between device and
 * server is thrown into the application's threads, it is in {@link dev.millrace.client.SyncStatus}.
 *
 * <p>Errors: {@link dev.millrace.client.store.SyncClientException} with its code, {@link
 * dev.millrace.client.sqlite.SqliteException} when the disk refuses, {@code
 * IllegalArgumentException} for values that do not fit an entity.
 */
@NullMarked
package dev.millrace.client;

import org.jspecify.annotations.NullMarked;
