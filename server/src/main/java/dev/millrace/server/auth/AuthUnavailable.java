package dev.millrace.server.auth;

/**
 * Nobody can be let in just now, whoever he is: the keys are not to be had, or a role in Postgres
 * is not as it must be. The message is for the log; the client is told to come back.
 */
public final class AuthUnavailable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  AuthUnavailable(String message) {
    super(message, null, false, false);
  }
}
