package dev.millrace.server.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseExceptionTest {

  private static final DatabaseUrl URL = DatabaseUrl.parse("postgresql://ada:secret@db/Library");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          28P01 | password authentication failed         | correct user and password in DATABASE_URL
          3D000 | database "Library" does not exist      | CREATE DATABASE "Library"
          42501 | permission denied to start WAL sender  | ALTER ROLE "ada" REPLICATION
          42501 | permission denied for database Library | GRANT CREATE ON DATABASE "Library" TO "ada"
          42501 | must be owner of table works           | ./millrace doctor
          53300 | sorry, too many clients already        | raise max_connections
          53300 | ... exceeds max_wal_senders (2)        | raise max_wal_senders
          53400 | all replication slots are in use       | raise max_replication_slots
          25006 | cannot execute CREATE PUBLICATION      | set DATABASE_URL to the primary
          """)
  void anErrorIsToldWithWhatCanBeDoneAboutIt(String state, String said, String remedy) {
    DatabaseException told = DatabaseException.of("trying", new SQLException(said, state), URL);

    assertThat(told).hasMessageStartingWith("trying: " + said + "; ").hasMessageContaining(remedy);
    assertThat(told.getMessage()).doesNotContain("secret");
  }

  @Test
  void whatThePoolWaitedForInVainIsTheReason() {
    SQLException reason = new SQLException("FATAL: no\n  Hint: never", "28P01");
    SQLException error = new SQLTransientConnectionException("timed out", "28P01", reason);

    DatabaseException told = DatabaseException.of("trying", error, URL);

    assertThat(told.said()).isEqualTo("FATAL: no Hint: never");
    assertThat(told.kind()).isEqualTo(DatabaseException.Kind.UNREACHABLE);
  }

  @Test
  void anErrorThatNobodyCanHelpHasNoRemedy() {
    DatabaseException told =
        DatabaseException.of("trying", new SQLException("duplicate key", "23505"), URL);

    assertThat(told).hasMessage("trying: duplicate key");
    assertThat(told.remedy()).isEmpty();
  }
}
