package dev.millrace.client.store;

import java.util.Optional;

/** The table {@code meta}: a few named texts about the store itself. */
public final class Meta {

  private Meta() {}

  public static Optional<String> get(Tx tx, String name) {
    return tx.first("select value from meta where name = ?", row -> "" + row.text(0), name);
  }

  public static void put(Tx tx, String name, String value) {
    tx.run("insert or replace into meta (name, value) values (?, ?)", name, value);
  }

  public static void remove(Tx tx, String name) {
    tx.run("delete from meta where name = ?", name);
  }

  /** A number that was never given before. */
  static long next(Tx tx) {
    long next = Long.parseLong(get(tx, "next").orElse("1"));
    put(tx, "next", Long.toString(next + 1));
    return next;
  }
}
