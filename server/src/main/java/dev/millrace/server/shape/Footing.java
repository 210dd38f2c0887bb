package dev.millrace.server.shape;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.postgres.Partition;
import dev.millrace.server.postgres.PublishedTable;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a shape rests on beside the changes it is told: that its table has been published all the
 * time, as those that its rows depend on, that no partition came with rows or went with them, and
 * that enums call their values the same. Compared with the catalogue from time to time (protocol
 * section 10.2).
 *
 * @param read by OID the entries of the tables that its rows depend on
 * @param labels by OID what the values of enums are called, in all these tables
 */
record Footing(
    Set<PublishedTable.Entry> entries,
    Set<Link> links,
    Map<Integer, Set<PublishedTable.Entry>> read,
    Map<Integer, String> labels) {

  Footing {
    entries = Set.copyOf(entries);
    links = Set.copyOf(links);
    read = Map.copyOf(read);
    labels = Map.copyOf(labels);
  }

  /** That a table has been a partition of another since some transaction. */
  record Link(int partition, int parent, int since) {

    static Link of(Partition partition) {
      return new Link(partition.oid(), partition.parent(), partition.since());
    }
  }

  static Footing of(PublishedTable table) {
    return new Footing(
        table.entries(),
        table.partitions().stream().map(Link::of).collect(Collectors.toSet()),
        Map.of(),
        table.labels());
  }

  /** The same for a shape whose rows depend on tables. */
  Footing reading(Collection<PublishedTable> tables) {
    if (tables.isEmpty()) {
      return this;
    }
    Map<Integer, Set<PublishedTable.Entry>> all = new HashMap<>();
    Map<Integer, String> called = new HashMap<>(labels);
    for (PublishedTable table : tables) {
      all.put(table.table().oid(), table.entries());
      called.putAll(table.labels());
    }
    return new Footing(entries, links, all, called);
  }

  /** Whether a value of an enum was given another name; new values do not matter. */
  boolean isRenamedIn(Footing now) {
    return labels.entrySet().stream()
        .anyMatch(label ->
            !label.getValue().equals(now.labels.getOrDefault(label.getKey(), label.getValue())));
  }

  /** Whether a table that rows depend on has been published all the time. */
  boolean hasKept(PublishedTable readNow) {
    Set<PublishedTable.Entry> before = read.getOrDefault(readNow.table().oid(), Set.of());
    return !Collections.disjoint(before, readNow.entries());
  }

  /** Why changes or rows were lost on the way from this to {@code now}; empty if none were. */
  Optional<String> loss(PublishedTable now) {
    if (Collections.disjoint(entries, now.entries())) {
      return Optional.of("its table was taken out of the publication");
    }
    Set<Link> gone = new HashSet<>(links);
    now.partitions().forEach(partition -> gone.remove(Link.of(partition)));
    return gone.isEmpty() ? Optional.empty() : Optional.of("a partition was detached or dropped");
  }

  /**
   * New partitions whose rows may have been there before they were partitions: all new ones, unless
   * each was created as a partition. While they are empty nothing was lost.
   */
  List<RelationName> attached(PublishedTable now) {
    List<Partition> added =
        now.partitions().stream().filter(partition -> !links.contains(Link.of(partition))).toList();
    return added.stream().allMatch(Partition::isBorn)
        ? List.of()
        : added.stream().filter(Partition::isLeaf).map(Partition::name).toList();
  }
}
