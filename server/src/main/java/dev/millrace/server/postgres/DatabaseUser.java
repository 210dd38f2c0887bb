package dev.millrace.server.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * As whom statements run: a role that policies hold, and what their conditions ask of the session.
 * Immutable.
 *
 * @param role a role that the server's own may become
 * @param subject the user, as policies read it by {@code current_setting('app.user_id')}
 * @param claims what is known of the user, a JSON object, as {@code request.jwt.claims}
 */
public record DatabaseUser(String role, String subject, String claims) {

  private static final String BECOME =
      """
      select pg_catalog.set_config('role', ?, true),
             pg_catalog.set_config('app.user_id', ?, true),
             pg_catalog.set_config('request.jwt.claims', ?, true)
      """;

  /**
   * Goes on as this user until the transaction ends.
   *
   * @param connection in a transaction
   */
  public void become(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BECOME)) {
      statement.setString(1, role);
      statement.setString(2, subject);
      statement.setString(3, claims);
      statement.execute();
    }
  }

  /** Without the claims, which may say more of a person than a log should know. */
  @Override
  public String toString() {
    return subject + " as " + role;
  }
}
