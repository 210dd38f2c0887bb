/** Who asks: verified tokens become a {@link dev.millrace.server.auth.Principal}. */
@NullMarked
package dev.millrace.server.auth;

import org.jspecify.annotations.NullMarked;
