package dev.millrace.bench.writes;

import dev.millrace.bench.run.BenchPostgres;
import java.sql.SQLException;
import java.util.Locale;

/** Tables alike, of which users see the rows that are their own. */
enum NotesTable {
  /** What goes through the gateway. */
  GATEWAY,
  /** What goes straight to Postgres. */
  PLAIN;

  static final String ROLE = "authenticated";

  String sqlName() {
    return "notes_" + name().toLowerCase(Locale.ROOT);
  }

  void create(BenchPostgres postgres) throws SQLException {
    postgres.execute(
        """
        create table %1$s (
          id uuid primary key,
          owner text not null,
          title text not null,
          rank int not null,
          made timestamptz not null);
        alter table %1$s enable row level security;
        create policy own on %1$s to %2$s
          using (owner = (select current_setting('request.jwt.claims', true)::json ->> 'sub'))
          with check (owner = (select current_setting('request.jwt.claims', true)::json ->> 'sub'));
        grant select, insert, update, delete on %1$s to %2$s
        """
            .formatted(sqlName(), ROLE));
  }

  /** Rows that the other does not have just so. */
  long difference(BenchPostgres postgres, NotesTable other) throws SQLException {
    return Long.parseLong(
        postgres.query(
            "select count(*) from (table %s except table %s) d"
                .formatted(sqlName(), other.sqlName())));
  }

  long count(BenchPostgres postgres) throws SQLException {
    return Long.parseLong(postgres.query("select count(*) from " + sqlName()));
  }
}
