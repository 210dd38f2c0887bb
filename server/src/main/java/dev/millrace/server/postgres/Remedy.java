package dev.millrace.server.postgres;

import dev.millrace.protocol.SqlIdentifier;
import java.sql.SQLException;
import java.util.Locale;

/**
 * What the person who runs the server can do about an error of Postgres. Only what an error alone
 * can tell; {@code ./millrace doctor} looks for itself.
 */
final class Remedy {

  private Remedy() {}

  /** A phrase that goes on after the error's own text, or nothing. */
  static String of(SQLException error, DatabaseUrl url) {
    String state = error.getSQLState() == null ? "" : error.getSQLState();
    return switch (state) {
      case "28P01" -> "correct user and password in DATABASE_URL";
      case "28000" -> "correct DATABASE_URL, or let this role in (pg_hba.conf, and LOGIN)";
      case "3D000" ->
          "correct DATABASE_URL, or run CREATE DATABASE " + SqlIdentifier.quote(url.database());
      case "42501" -> privilege(text(error), url);
      case "53300" -> connections(text(error));
      case "53400" ->
          "drop a slot nobody needs (SELECT pg_drop_replication_slot('its name')), or raise"
              + " max_replication_slots and restart Postgres";
      case "25006" -> "this Postgres is a standby or read-only: set DATABASE_URL to the primary";
      case "08001" -> "see that Postgres runs there, or correct DATABASE_URL";
      default -> "";
    };
  }

  private static String text(SQLException error) {
    return String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
  }

  private static String privilege(String text, DatabaseUrl url) {
    String role = SqlIdentifier.quote(url.user());
    if (text.contains("wal sender") || text.contains("walsender") || text.contains("replication")) {
      return "run ALTER ROLE %s REPLICATION (on Amazon RDS: GRANT rds_replication TO %s)"
          .formatted(role, role);
    }
    if (text.contains("permission denied for database")) {
      return "run GRANT CREATE ON DATABASE %s TO %s"
          .formatted(SqlIdentifier.quote(url.database()), role);
    }
    return "./millrace doctor prints the statement that mends it";
  }

  private static String connections(String text) {
    return text.contains("max_wal_senders")
        ? "raise max_wal_senders and restart Postgres"
        : "raise max_connections and restart Postgres, or lower MILLRACE_DB_POOL_SIZE";
  }
}
