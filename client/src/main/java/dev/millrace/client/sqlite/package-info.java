/**
 * SQLite behind a small interface: {@link dev.millrace.client.sqlite.Sqlite} opens, {@link
 * dev.millrace.client.sqlite.SqliteConnection} runs statements. On a JVM it is {@link
 * dev.millrace.client.sqlite.JdbcSqlite}; Android has its own SQLite.
 *
 * <p>Values are SQLite's: {@code Long}, {@code Double}, {@code String}, or null. Needed is SQLite
 * 3.38 or newer, for JSON. Knows nothing of what is stored.
 *
 * <p>Errors: {@link dev.millrace.client.sqlite.SqliteException}, also for a full disk. Whoever
 * follows the server tries again later; an application that writes has not written.
 */
@NullMarked
package dev.millrace.client.sqlite;

import org.jspecify.annotations.NullMarked;
