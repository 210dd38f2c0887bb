package dev.millrace.server.doctor;

import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.DatabaseUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/** Examines a Postgres as a server with the same settings would use it. Changes nothing. */
public final class Doctor {

  /** Nothing here can write, nor wait for long; and names are printed with their schema. */
  private static final String SESSION =
      """
      set default_transaction_read_only = on;
      set search_path = '';
      set statement_timeout = '15s';
      set lock_timeout = '5s'
      """;

  private static final String TIMEOUT_SECONDS = "20";

  /** A part of the examination. */
  @FunctionalInterface
  private interface Check {
    List<Finding> look(Patient patient) throws SQLException;
  }

  private record Part(String subject, Check check) {}

  private static final List<Part> PARTS =
      List.of(
          new Part("version", ServerChecks::version),
          new Part("standby", ServerChecks::standby),
          new Part("wal_level", ServerChecks::walLevel),
          new Part("max_replication_slots", ServerChecks::slots),
          new Part("max_wal_senders", ServerChecks::senders),
          new Part("max_connections", ServerChecks::connections),
          new Part("role", RoleChecks::replication),
          new Part("role", RoleChecks::temporaryTables),
          new Part("schema millrace", WriteChecks::schema),
          new Part("roles of users", WriteChecks::roles),
          new Part("publication", PublicationChecks::publication),
          new Part("tables", TableChecks::tables),
          new Part("unlogged tables", TableChecks::unlogged),
          new Part("slot", SlotChecks::slot),
          new Part("retained WAL", SlotChecks::limits),
          new Part("other slots", SlotChecks::others),
          new Part("transactions", ActivityChecks::transactions),
          new Part("prepared transactions", ActivityChecks::prepared));

  private Doctor() {}

  /**
   * Looks at the database behind {@code url} with the names and pool that a server would have.
   *
   * @param userRoles those that users may act as; none if the server takes no tokens
   */
  public static Report examine(
      DatabaseUrl url, String publication, String slot, int poolSize, Set<String> userRoles) {
    Patient.Usage usage = new Patient.Usage(url, publication, slot, poolSize, userRoles);
    try (Connection connection = connect(url)) {
      List<Finding> findings = new ArrayList<>();
      findings.add(Finding.ok("connection", url.toString()));
      Patient patient = Patient.of(connection, usage);
      PARTS.forEach(part -> findings.addAll(look(part, patient)));
      return new Report(true, findings);
    } catch (SQLException e) {
      DatabaseException told = DatabaseException.of("connecting", e, url);
      Finding finding = Finding.problem("connection", url + ": " + told.said());
      return new Report(false, List.of(finding.then(told.remedy())));
    }
  }

  private static Connection connect(DatabaseUrl url) throws SQLException {
    Properties properties = url.jdbcProperties();
    properties.setProperty("loginTimeout", TIMEOUT_SECONDS);
    properties.setProperty("socketTimeout", TIMEOUT_SECONDS);
    Connection connection = DriverManager.getConnection(url.jdbcUrl(), properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute(SESSION);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static List<Finding> look(Part part, Patient patient) {
    try {
      return part.check().look(patient);
    } catch (SQLException e) {
      String said = String.valueOf(e.getMessage()).replaceAll("\\s*\\n\\s*", " ");
      return List.of(Finding.unknown(part.subject(), "could not look: " + said));
    }
  }
}
