/**
 * Thousands of clients on one thread ({@link dev.millrace.bench.crowd.Crowd}): plain sockets read
 * by a selector, answers taken apart by searching for bytes, so that as much of the machine as can
 * be is left to the server. What a client asks and looks for is its {@link
 * dev.millrace.bench.crowd.Errand}; who has come and who has what is in {@link
 * dev.millrace.bench.crowd.Attendance}. The same clients read from the server and from its
 * yardstick.
 *
 * <p>Errors: the first connection that breaks, or is answered other than expected, is the crowd's
 * failure and is told to whoever waits.
 */
@NullMarked
package dev.millrace.bench.crowd;

import org.jspecify.annotations.NullMarked;
