package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;
import java.util.List;

/**
 * What the stream says of a table before its first change and after each alteration; columns in the
 * order of the tuples that follow.
 */
public record Relation(int oid, RelationName name, List<Attribute> attributes) {

  public Relation {
    attributes = List.copyOf(attributes);
  }

  /**
   * A column of a streamed tuple.
   *
   * @param isIdentity whether the old row of an update or delete tells it; all do while the replica
   *     identity is full
   */
  public record Attribute(String name, int typeOid, int modifier, boolean isIdentity) {}

  /** Place of the column called {@code name} in the tuples, or -1. */
  public int indexOf(String name) {
    for (int i = 0; i < attributes.size(); i++) {
      if (attributes.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
