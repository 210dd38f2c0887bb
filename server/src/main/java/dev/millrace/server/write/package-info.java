/**
 * Writes: a batch of changes is applied as the user who sends it, exactly once.
 *
 * <p>Read first {@link dev.millrace.server.write.WritePolicies}: what becomes of edits that meet.
 */
@NullMarked
package dev.millrace.server.write;

import org.jspecify.annotations.NullMarked;
