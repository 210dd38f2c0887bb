/**
 * What runs on a developer's machine and in tests: a Postgres of our own ({@link
 * dev.millrace.dev.LocalPostgres}), the server as a child process ({@link
 * dev.millrace.dev.ServerProcess}), and the commands {@code up} and {@code sql} ({@link
 * dev.millrace.dev.DevMain}). Nothing here is part of a production server.
 *
 * <p>Errors: {@link dev.millrace.dev.DevException} carries one plain sentence, which {@code
 * DevMain} prints.
 */
@NullMarked
package dev.millrace.dev;

import org.jspecify.annotations.NullMarked;
