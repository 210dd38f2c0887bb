/**
 * {@code millrace doctor}: looks at a Postgres and says what is fine, missing or unhealthy for a
 * server that follows it, and which statement mends it.
 *
 * <p>Read first {@link dev.millrace.server.doctor.Doctor} (the examination) and {@link
 * dev.millrace.server.doctor.Finding} (one line of its result). The checks only read, in a session
 * that cannot write; what the role may not see becomes a finding of its own. Knows nothing of
 * shapes or HTTP, and starts no server.
 */
@NullMarked
package dev.millrace.server.doctor;

import org.jspecify.annotations.NullMarked;
