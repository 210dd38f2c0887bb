package dev.millrace.server.auth;

import dev.millrace.server.postgres.DatabaseUser;
import java.time.Instant;

/**
 * The user of a request, as a verified token names it.
 *
 * @param subject the token's {@code sub}
 * @param role the role in Postgres that the user acts as
 * @param claims the token's whole payload, a JSON object
 * @param expiresAt when the token is worth nothing any more
 */
public record Principal(String subject, String role, String claims, Instant expiresAt) {

  /** As whom Postgres knows the user. */
  public DatabaseUser databaseUser() {
    return new DatabaseUser(role, subject, claims);
  }

  /** Without the claims, which may say more of a person than a log should know. */
  @Override
  public String toString() {
    return subject + " as " + role;
  }
}
