/**
 * What an application says of the records that it syncs.
 *
 * <p>Read first {@link dev.millrace.annotations.Synced}, which makes a record an entity, and {@link
 * dev.millrace.annotations.Key}. The others say what cannot be seen from the record. Errors are the
 * compiler's, each at its element with what to do.
 *
 * <p>Knows nothing of the client: a module of plain records needs this alone.
 */
@NullMarked
package dev.millrace.annotations;

import org.jspecify.annotations.NullMarked;
