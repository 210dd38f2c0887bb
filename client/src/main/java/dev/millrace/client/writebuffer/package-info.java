/**
 * The writing half of the client: the user's changes wait here until they are safely in Postgres.
 *
 * <p>Read first {@link dev.millrace.client.writebuffer.WriteBuffer} (the persistent queue), then
 * {@link dev.millrace.client.writebuffer.UploadMachine} (decides, as a pure function) and {@link
 * dev.millrace.client.writebuffer.Uploader} (does it).
 *
 * <p>Invariants: a change leaves the queue when the server has said that it is applied, or when the
 * user discards it, and never for another reason; its id and time never change while it may have
 * been sent; changes of a row and of a transaction are sent in their order; that a change is about
 * to be sent is on the disk before it is. The queue knows nothing of HTTP; reads do not wait for
 * it.
 *
 * <p>Errors: what the server refuses is a {@link dev.millrace.client.writebuffer.DeadLetter}; all
 * else is tried again. {@link dev.millrace.client.sqlite.SqliteException} if the disk refuses a
 * write of the application: then nothing was written.
 */
@NullMarked
package dev.millrace.client.writebuffer;

import org.jspecify.annotations.NullMarked;
