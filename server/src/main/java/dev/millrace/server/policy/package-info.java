/**
 * What row level security lets a user see of a table: policies read from the catalogue, with what
 * they ask of the session replaced by the user's values, so that they are ordinary filters. What
 * they ask of other tables becomes values too, and {@link dev.millrace.server.policy.Dependency}
 * says when these may be others; where clauses of trusted clients that ask other tables are read in
 * the same way ({@link dev.millrace.server.policy.WhereQueries}).
 *
 * @see <a href="https://www.postgresql.org/docs/current/ddl-rowsecurity.html">Row security
 *     policies</a>
 */
@NullMarked
package dev.millrace.server.policy;

import org.jspecify.annotations.NullMarked;
