package dev.millrace.server.write;

/** What becomes of an edit of a row that somebody else has changed since its author saw it. */
public sealed interface ConflictPolicy {

  /** Column by column; where both changed the same one the later arrival wins. */
  record MergeFields() implements ConflictPolicy {}

  /**
   * The later edit wins whole.
   *
   * @param column the timestamp that says which is later
   */
  record LastWriteWins(String column) implements ConflictPolicy {}

  /** The edit is rejected. */
  record RejectStale() implements ConflictPolicy {}

  /**
   * Both stay, the edit as a second row.
   *
   * @param labelColumn the column that tells people which is which
   */
  record KeepBoth(String labelColumn) implements ConflictPolicy {}
}
