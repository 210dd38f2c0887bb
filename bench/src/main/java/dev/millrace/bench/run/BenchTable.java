package dev.millrace.bench.run;

import java.sql.SQLException;

/**
 * A table of the benchmarks: two uuids, a text of about 60 characters, an int and a timestamptz.
 * The int {@code n} numbers the rows from 1 in the order they are inserted.
 */
public record BenchTable(String name) {
  public void create(BenchPostgres postgres) throws SQLException {
    postgres.execute(
        """
        create table %s (
          id uuid primary key,
          owner uuid not null,
          note text not null,
          n int not null,
          at timestamptz not null)
        """
            .formatted(name));
  }

  /** The statement that inserts the rows with these numbers, bounds included. */
  public String insert(String first, String last) {
    return """
    insert into %s
    select gen_random_uuid(), md5((n %% 1000)::text)::uuid,
           'Row ' || n || ', with a note as long as people write: ' || left(md5(n::text), 12),
           n, clock_timestamp()
      from generate_series(%s, %s) n
    """
        .formatted(name, first, last);
  }

  /** All rows, for {@code COPY}. */
  public String select() {
    return "select id, owner, note, n, at from " + name;
  }
}
