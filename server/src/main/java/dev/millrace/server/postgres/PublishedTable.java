package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A table and its place in the publication at one moment.
 *
 * @param entries what publishes it; none: its changes are not in the stream
 * @param isFull whether the table's own replica identity is full
 * @param partitions those of a partitioned table, at any depth
 * @param labels by their OIDs those of the enums that its columns have
 */
public record PublishedTable(
    Table table,
    Set<Entry> entries,
    boolean isFull,
    List<Partition> partitions,
    Map<Integer, String> labels) {

  public PublishedTable {
    entries = Set.copyOf(entries);
    partitions = List.copyOf(partitions);
    labels = Map.copyOf(labels);
  }

  /**
   * An entry of the publication that a table is published by: its own, an ancestor's, its schema's
   * or that of all tables.
   *
   * @param since the transaction that made it: another if it was removed and added again
   */
  public record Entry(String name, int since) {}

  /** What holds rows without telling them whole when they change. */
  public List<RelationName> notFull() {
    Stream<RelationName> leaves =
        partitions.stream()
            .filter(partition -> partition.isLeaf() && !partition.isFull())
            .map(Partition::name);
    return table.isPartitioned() ? leaves.toList() : isFull ? List.of() : List.of(table.name());
  }
}
