package dev.millrace.server.auth;

import java.time.Instant;
import java.util.Optional;

/**
 * What a token says that we believe.
 *
 * @param claims its whole payload, a JSON object
 * @param role what its claim {@code role} names, if that is a name at all
 */
record VerifiedToken(String subject, Optional<String> role, String claims, Instant expiresAt) {}
