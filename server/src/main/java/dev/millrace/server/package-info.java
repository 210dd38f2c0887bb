/**
 * The sync server: {@link dev.millrace.server.Main} reads {@link dev.millrace.server.ServerConfig}
 * once, {@link dev.millrace.server.Server} wires the parts, and {@code ReplicationLoop} keeps them
 * following Postgres. Data flows {@code postgres} → {@code shape} → {@code http}, which is also the
 * only direction of imports.
 *
 * <p>Errors: {@link dev.millrace.server.ConfigException} for settings, told to whoever starts the
 * server with all problems at once.
 */
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
