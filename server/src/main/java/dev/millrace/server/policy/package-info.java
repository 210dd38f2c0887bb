/**
 * What row level security lets a user see of a table: policies read from the catalogue, with what
 * they ask of the session replaced by the user's values, so that they are ordinary filters.
 *
 * @see <a href="https://www.postgresql.org/docs/current/ddl-rowsecurity.html">Row security
 *     policies</a>
 */
@NullMarked
package dev.millrace.server.policy;

import org.jspecify.annotations.NullMarked;
