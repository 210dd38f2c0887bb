package dev.millrace.client.writebuffer;

import dev.millrace.client.store.Tx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which changes of a write buffer go next: the oldest that fit, in their order, with what
 * belongs together in one batch. Left out is what waits, whatever follows it on the same row or
 * belongs together with it, and changes of a row whose insert was rejected.
 */
final class NextBatch {

  /** How much of the queue is read at a time; all of it is, if it takes that to fill a batch. */
  private static final int PAGE = 1_000;

  private NextBatch() {}

  /** A row of the queue, as far as a batch asks. */
  private record Candidate(long seq, String id, String row, Optional<String> tx, long bytes) {}

  static List<Long> choose(Tx tx, BatchLimits limits, Set<String> waiting) {
    Set<String> heldRows =
        new HashSet<>(
            tx.query(
                "select entity || key from write_buffer where status = 'error' and op = 'insert'",
                List.of(),
                row -> "" + row.text(0)));
    Set<String> heldTxs = new HashSet<>();
    List<Candidate> chosen = new ArrayList<>();
    long bytes = 0;
    Groups groups = new Groups(tx);
    for (List<Candidate> group = groups.next(); !group.isEmpty(); group = groups.next()) {
      boolean isHeld =
          group.stream()
              .anyMatch(one ->
                  waiting.contains(one.id())
                      || heldRows.contains(one.row())
                      || one.tx().filter(heldTxs::contains).isPresent());
      if (isHeld || !isWhole(tx, group)) {
        group.forEach(one -> {
          heldRows.add(one.row());
          one.tx().ifPresent(heldTxs::add);
        });
        continue;
      }
      long more = group.stream().mapToLong(Candidate::bytes).sum();
      boolean fits =
          chosen.size() + group.size() <= limits.changes() && bytes + more <= limits.bytes();
      if (!fits && !chosen.isEmpty()) {
        break;
      }
      chosen.addAll(group);
      bytes += more;
    }
    return chosen.stream().map(Candidate::seq).toList();
  }

  /**
   * What is pending, in its order: neighbours of one transaction together, as they were written.
   */
  private static final class Groups {

    private final Tx tx;
    private final Deque<Candidate> read = new ArrayDeque<>();
    private long last;

    Groups(Tx tx) {
      this.tx = tx;
    }

    /** Empty after the last. */
    List<Candidate> next() {
      List<Candidate> group = new ArrayList<>();
      for (Candidate one = peek(); one != null && fits(group, one); one = peek()) {
        group.add(read.remove());
      }
      return group;
    }

    private static boolean fits(List<Candidate> group, Candidate one) {
      return group.isEmpty() || (one.tx().isPresent() && one.tx().equals(group.get(0).tx()));
    }

    private @Nullable Candidate peek() {
      if (read.isEmpty()) {
        read.addAll(page(tx, last));
        last = read.isEmpty() ? last : read.getLast().seq();
      }
      return read.peek();
    }
  }

  private static List<Candidate> page(Tx tx, long after) {
    return tx.query(
        """
        select seq, id, entity || key, tx, bytes from write_buffer
        where status = 'pending' and seq > ? order by seq limit ?\
        """,
        List.of(after, (long) PAGE),
        row ->
            new Candidate(
                row.number(0),
                "" + row.text(1),
                "" + row.text(2),
                Optional.ofNullable(row.text(3)),
                row.number(4)));
  }

  private static boolean isWhole(Tx tx, List<Candidate> group) {
    Optional<String> name = group.get(0).tx();
    return name.isEmpty()
        || tx.number("select count(*) from write_buffer where tx = ?", name.get()) == group.size();
  }
}
