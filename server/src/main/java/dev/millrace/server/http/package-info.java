/**
 * HTTP: reads requests, checks them, and answers with what a shape holds. The only package that
 * knows Netty.
 *
 * <p>Read first {@link dev.millrace.server.http.HttpServer}, then {@code ShapeEndpoint} (a request
 * of protocol section 2, step by step) and the ways to answer: {@code SnapshotAnswer}, {@code
 * LogAnswer}, {@code NowAnswer}, {@code SubsetAnswer}, {@code LongPoll}, {@code EventStream}.
 *
 * <p>An {@code Exchange} and everything that answers it belongs to one event loop thread; what may
 * block (the catalogue, waiting for a snapshot to begin) runs on a virtual thread and comes back to
 * the loop.
 *
 * <p>Errors: {@code InvalidRequest} becomes a 400 with the protocol's body, {@link
 * dev.millrace.server.shape.ShapeException} a 409 or 503; anything else is logged and becomes a 500
 * that says nothing of the inside.
 */
@NullMarked
package dev.millrace.server.http;

import org.jspecify.annotations.NullMarked;
