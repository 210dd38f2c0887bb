/**
 * Who asks: {@link dev.millrace.server.auth.Authenticator} makes of a token a {@link
 * dev.millrace.server.auth.Principal}, the user and the role in Postgres that the user acts as.
 *
 * <p>Read first {@code TokenVerifier}, what is believed, and {@code Roles}, what is not trusted to
 * anybody. Knows nothing of HTTP but that keys are fetched over it.
 *
 * <p>Errors: {@link dev.millrace.server.auth.InvalidToken} (the request is refused, 401), {@link
 * dev.millrace.server.auth.AuthUnavailable} (nobody can be let in now, 503).
 */
@NullMarked
package dev.millrace.server.auth;

import org.jspecify.annotations.NullMarked;
