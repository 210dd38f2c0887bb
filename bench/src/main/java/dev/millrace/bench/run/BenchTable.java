package dev.millrace.bench.run;

import java.sql.SQLException;

/**
 * A table of the benchmarks: two uuids, a text of about 60 characters, an int and a timestamptz.
 * The int {@code n} numbers the rows from 1 in the order they are inserted.
 *
 * @param owners how many take turns to own the rows
 */
public record BenchTable(String name, int owners) {
  private static final int OWNERS = 1000;

  /** With a thousand owners. */
  public BenchTable(String name) {
    this(name, OWNERS);
  }

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
    select gen_random_uuid(), md5((n %% %d)::text)::uuid,
           'Row ' || n || ', with a note as long as people write: ' || left(md5(n::text), 12),
           n, clock_timestamp()
      from generate_series(%s, %s) n
    """
        .formatted(name, owners, first, last);
  }

  /** The owner of row {@code n}, as text. */
  public String owner(int n) {
    String hash = Md5.hex(Integer.toString(n % owners));
    return hash.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
  }

  /** All rows, for {@code COPY}. */
  public String select() {
    return "select id, owner, note, n, at from " + name;
  }
}
