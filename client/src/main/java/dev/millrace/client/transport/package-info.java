/**
 * The edges of the client that differ by platform or have to be simulated: HTTP ({@link
 * dev.millrace.client.transport.Transport}) and time ({@link
 * dev.millrace.client.transport.Scheduler}).
 *
 * <p>Read first {@link dev.millrace.client.transport.Transport}. Everything that follows the server
 * runs on one {@code Scheduler}, whose tasks follow one another, so that a simulation can run a
 * whole client on one thread. What stands only on a JVM is marked {@link
 * dev.millrace.client.transport.JvmOnly}. Nothing here knows shapes, writes or SQL.
 *
 * <p>Errors: a request that fails is an expected outcome and told to its {@code Listener}; nothing
 * is thrown.
 */
@NullMarked
package dev.millrace.client.transport;

import org.jspecify.annotations.NullMarked;
