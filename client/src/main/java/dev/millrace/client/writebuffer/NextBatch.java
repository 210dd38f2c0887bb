package dev.millrace.client.writebuffer;

import dev.millrace.client.store.Tx;
import java.util.ArrayList;
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

  /** How much of the queue is looked at for a batch. */
  private static final int MOST_SCANNED = 5_000;

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
    for (List<Candidate> group : groups(candidates(tx))) {
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

  private static List<Candidate> candidates(Tx tx) {
    return tx.query(
        """
        select seq, id, entity || key, tx, bytes from write_buffer
        where status = 'pending' order by seq limit ?\
        """,
        List.of((long) MOST_SCANNED),
        row ->
            new Candidate(
                row.number(0),
                "" + row.text(1),
                "" + row.text(2),
                Optional.ofNullable(row.text(3)),
                row.number(4)));
  }

  /** Neighbours of one transaction together: they were written so. */
  private static List<List<Candidate>> groups(List<Candidate> candidates) {
    List<List<Candidate>> groups = new ArrayList<>();
    @Nullable Candidate last = null;
    for (Candidate next : candidates) {
      boolean isTogether = last != null && next.tx().isPresent() && next.tx().equals(last.tx());
      if (!isTogether) {
        groups.add(new ArrayList<>());
      }
      groups.get(groups.size() - 1).add(next);
      last = next;
    }
    return groups;
  }

  private static boolean isWhole(Tx tx, List<Candidate> group) {
    Optional<String> name = group.get(0).tx();
    return name.isEmpty()
        || tx.number("select count(*) from write_buffer where tx = ?", name.get()) == group.size();
  }
}
