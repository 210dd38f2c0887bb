package dev.millrace.server.postgres;

import org.jspecify.annotations.Nullable;

/**
 * Receives what Postgres committed, in commit order: {@code begin}, its changes, {@code commit},
 * and so on. Called by the one thread that reads the stream; tuples are valid during the call only.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html">
 *     Logical replication message formats</a>
 */
public interface ChangeSink {

  /**
   * A transaction starts.
   *
   * @param commitLsn where its commit record lies: the {@code tx} of its offsets
   * @param xid its 32-bit id
   */
  void begin(long commitLsn, int xid);

  /** A table is described, before its first change and after each alteration of it. */
  void relation(Relation relation);

  void insert(int relation, Tuple row);

  /**
   * A row was updated.
   *
   * @param old the row before: whole, or its key alone, or null when the key did not change and the
   *     table's replica identity is not full
   */
  void update(int relation, @Nullable Tuple old, boolean oldIsWhole, Tuple row);

  void delete(int relation, Tuple old, boolean oldIsWhole);

  void truncate(int[] relations);

  /** The transaction has altered what the stream does not describe, such as policies. */
  void alteration();

  /** The transaction is complete; the stream goes on after {@code endLsn}. */
  void commit(long endLsn);

  /** Everything up to {@code lsn} has been sent, and nothing of a transaction is outstanding. */
  void caughtUp(long lsn);

  /** Nothing more has arrived yet: a good moment to hand over what was gathered. */
  void pause();
}
