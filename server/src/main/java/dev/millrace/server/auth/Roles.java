package dev.millrace.server.auth;

import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Postgres keeps each role that users may act as within its policies. Looked up again while
 * there are requests, at most every few seconds. Any thread; may block.
 */
final class Roles {

  private static final Logger log = LoggerFactory.getLogger(Roles.class);

  /** How long a role that was given too much may still be used. */
  private static final Duration FRESH = Duration.ofSeconds(5);

  /** For how long a look-up that fails may rest on the last one. */
  private static final Duration STALE = Duration.ofSeconds(60);

  /** The server's own role must be able to become it; before 16 every member is. */
  private static final String LOOK_UP =
      """
      select wanted.name, r.rolname is not null, r.rolsuper, r.rolbypassrls,
             pg_has_role(r.oid, current_user, 'USAGE'),
             pg_has_role(current_user, r.oid,
               case when current_setting('server_version_num')::int >= 160000
                    then 'SET' else 'MEMBER' end),
             current_user
      from unnest(?) wanted(name) left join pg_roles r on r.rolname = wanted.name
      """;

  /**
   * What is wrong with a role, as a sentence with the statement that mends it; empty if nothing.
   */
  private record Finding(String problem, boolean isDangerous) {

    static final Finding FINE = new Finding("", false);
  }

  private record Known(Map<String, Finding> findings, Instant at) {}

  private final Database database;
  private final Set<String> names;
  private final InstantSource clock;
  private final ReentrantLock lookingUp = new ReentrantLock();
  private volatile @Nullable Known known;

  Roles(Database database, Set<String> names, InstantSource clock) {
    this.database = database;
    this.names = names;
    this.clock = clock;
  }

  /**
   * Looks at all of them.
   *
   * @return what makes it dangerous to let users in; what merely keeps them out is logged
   */
  List<String> dangers() {
    List<String> dangers = new ArrayList<>();
    lookUp()
        .findings()
        .forEach((role, finding) -> {
          if (finding.isDangerous()) {
            dangers.add(finding.problem());
          }
        });
    return dangers;
  }

  /**
   * Returns if a user may act as {@code role}.
   *
   * @throws AuthUnavailable otherwise
   */
  void require(String role) {
    Finding finding = current().findings().getOrDefault(role, Finding.FINE);
    if (!finding.equals(Finding.FINE)) {
      throw new AuthUnavailable(finding.problem());
    }
  }

  private Known current() {
    Known last = known;
    if (last != null && isWithin(last, FRESH)) {
      return last;
    }
    // One asks; the others go on with what is known, if that is not too old.
    if (last != null && isWithin(last, STALE) && !lookingUp.tryLock()) {
      return last;
    }
    if (!lookingUp.isHeldByCurrentThread()) {
      lookingUp.lock();
    }
    try {
      return refresh();
    } finally {
      lookingUp.unlock();
    }
  }

  private Known refresh() {
    Known last = known;
    if (last != null && isWithin(last, FRESH)) {
      return last;
    }
    try {
      return lookUp();
    } catch (DatabaseException e) {
      if (last != null && isWithin(last, STALE)) {
        return last;
      }
      throw new AuthUnavailable(String.valueOf(e.getMessage()));
    }
  }

  private boolean isWithin(Known last, Duration age) {
    return clock.instant().isBefore(last.at().plus(age));
  }

  private Known lookUp() {
    Known found =
        new Known(database.with("looking up the roles of users", this::read), clock.instant());
    report(found.findings());
    known = found;
    return found;
  }

  private Map<String, Finding> read(Connection connection) throws SQLException {
    Map<String, Finding> findings = new HashMap<>();
    try (PreparedStatement query = connection.prepareStatement(LOOK_UP)) {
      Array wanted = connection.createArrayOf("text", names.toArray());
      query.setArray(1, wanted);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          findings.put(row.getString(1), judge(row));
        }
      }
    }
    return findings;
  }

  private static Finding judge(ResultSet row) throws SQLException {
    String role = SqlIdentifier.quote(row.getString(1));
    String us = SqlIdentifier.quote(row.getString(7));
    if (!row.getBoolean(2)) {
      return absent(
          "There is no role %1$s: create role %1$s nologin; grant %1$s to %2$s;", role, us);
    }
    if (row.getBoolean(3)) {
      return danger(
          "Role %1$s is a superuser: use another, or alter role %1$s nosuperuser;", role, us);
    }
    if (row.getBoolean(4)) {
      return danger(
          "Role %1$s bypasses row level security: use another, or alter role %1$s nobypassrls;",
          role, us);
    }
    if (row.getBoolean(5)) {
      return danger(
          "Role %1$s has the rights of the server's own role %2$s: use another, or revoke %2$s from %1$s;",
          role, us);
    }
    if (!row.getBoolean(6)) {
      return absent("Role %2$s may not act as role %1$s: grant %1$s to %2$s;", role, us);
    }
    return Finding.FINE;
  }

  private static Finding danger(String text, String role, String us) {
    return new Finding(text.formatted(role, us), true);
  }

  private static Finding absent(String text, String role, String us) {
    return new Finding(text.formatted(role, us), false);
  }

  /** Says what is new. */
  private void report(Map<String, Finding> findings) {
    Map<String, Finding> before = known == null ? Map.of() : known.findings();
    findings.forEach((role, finding) -> {
      if (finding.equals(before.getOrDefault(role, Finding.FINE))) {
        return;
      }
      if (finding.equals(Finding.FINE)) {
        log.info("users can act as {} again", role);
      } else {
        log.error("requests of users are refused: {}", finding.problem());
      }
    });
  }
}
