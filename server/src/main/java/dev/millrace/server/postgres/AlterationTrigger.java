package dev.millrace.server.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has Postgres put a message into the stream when policies, privileges, functions, types or tables
 * are altered, which it does not tell otherwise. Only a superuser may do that; for others the
 * catalogue is looked at from time to time. Any thread; blocks.
 *
 * @see <a href="https://www.postgresql.org/docs/current/event-triggers.html">Event triggers</a>
 */
public final class AlterationTrigger {

  private static final Logger log = LoggerFactory.getLogger(AlterationTrigger.class);

  /** What the messages are marked by. */
  static final String PREFIX = "millrace";

  /** What is altered in a schema of the session's own concerns nobody else. */
  private static final String BODY =
      """

      begin
        if tg_tag like 'DROP%' or tg_tag in ('GRANT', 'REVOKE') or exists (
          select from pg_event_trigger_ddl_commands() c
           where c.schema_name is distinct from 'pg_temp' and c.object_identity not like '%on pg\\_temp%')
        then
          perform pg_logical_emit_message(true, 'millrace', 'alteration');
        end if;
      exception when others then
        null; -- Nobody's statement fails because of this.
      end
      """;

  private final Database database;
  private final boolean isWanted;

  /**
   * @param isWanted whether it may be made where it is not there
   */
  public AlterationTrigger(Database database, boolean isWanted) {
    this.database = database;
    this.isWanted = isWanted;
  }

  /**
   * Makes it if we may.
   *
   * @return whether it is there
   * @throws DatabaseException if Postgres is away
   */
  public boolean ensureExists() {
    try {
      return database.inTransaction("making the event trigger for alterations", this::ensureExists);
    } catch (DatabaseException e) {
      if (e.kind() == DatabaseException.Kind.UNREACHABLE) {
        throw e;
      }
      log.info("changed policies are found by looking, not told: {}", e.getMessage());
      return false;
    }
  }

  private boolean ensureExists(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(
          "set local lock_timeout = '2s'; set local search_path = pg_catalog, pg_temp");
      try (ResultSet row = statement.executeQuery(state())) {
        row.next();
        if (row.getBoolean(1) || !isWanted || !row.getBoolean(2)) {
          return row.getBoolean(1);
        }
      }
      statement.execute(definition());
      log.info("made the event trigger millrace_alteration, by which changed policies are told");
      return true;
    }
  }

  /** Asks whether it is there as we would make it, and whether we may. */
  private static String state() {
    return """
    select exists (select from pg_event_trigger t join pg_proc p on p.oid = t.evtfoid
                    where t.evtname = 'millrace_alteration' and t.evtenabled in ('O', 'A')
                      and p.prosrc = $body$%s$body$),
           (select rolsuper from pg_roles where rolname = current_user)
    """
        .formatted(BODY);
  }

  /** Without the making of tables, which is of no concern and may happen often. */
  private static String definition() {
    return """
    select pg_advisory_xact_lock(7807452167116450131);
    create schema if not exists millrace;
    create or replace function millrace.tell_alteration() returns event_trigger
      language plpgsql set search_path = pg_catalog, pg_temp as $body$%s$body$;
    drop event trigger if exists millrace_alteration;
    create event trigger millrace_alteration on ddl_command_end
      when tag in (
        'CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'GRANT', 'REVOKE',
        'ALTER TABLE', 'DROP TABLE', 'CREATE FUNCTION', 'ALTER FUNCTION', 'DROP FUNCTION',
        'ALTER TYPE', 'ALTER DOMAIN', 'ALTER SCHEMA', 'DROP SCHEMA', 'ALTER PUBLICATION',
        'DROP OWNED')
      execute function millrace.tell_alteration()
    """
        .formatted(BODY);
  }
}
