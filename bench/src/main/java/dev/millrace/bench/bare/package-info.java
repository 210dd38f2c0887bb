/**
 * What the HTTP library can do at best ({@link dev.millrace.bench.bare.BareServer}): the yardstick
 * for sending the same bytes to many clients. Beside the server's own, the only package that knows
 * Netty.
 */
@NullMarked
package dev.millrace.bench.bare;

import org.jspecify.annotations.NullMarked;
