package dev.millrace.protocol;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A batch as it came, with the changes that are none already answered: one that a program made
 * wrongly must not keep all those behind it from ever being applied.
 *
 * @param batch the changes that can be applied
 * @param refused results of the others
 */
public record ReceivedBatch(WriteBatch batch, List<WriteResult> refused) {

  /** Of a change that is not as the protocol wants it. */
  public static final String INVALID = "invalid_change";

  /** Of a change that would have to be applied together with such a one. */
  public static final String GROUP = "tx_failed";

  public ReceivedBatch {
    refused = List.copyOf(refused);
  }

  /**
   * Reads a batch of at most {@code maxChanges} changes.
   *
   * @throws InvalidJson if it is none, or has a change of which nobody could say what became of it,
   *     for want of an id
   */
  public static ReceivedBatch read(Json document, int maxChanges) throws InvalidJson {
    JsonShape shape = JsonShape.of(JsonPointer.ROOT, document);
    List<JsonShape> sent = WriteBatch.changes(shape, maxChanges);
    List<WriteChange> changes = new ArrayList<>(sent.size());
    List<WriteResult> refused = new ArrayList<>();
    Set<String> broken = new HashSet<>();
    for (JsonShape change : sent) {
      String id = WriteChange.bounded(change, "id");
      try {
        changes.add(WriteChange.read(change));
      } catch (InvalidJson e) {
        refused.add(
            WriteResult.failed(id, new WriteError(INVALID, e.place() + ": " + e.reason(), false)));
        if (change.member("tx").orElse(Json.NULL) instanceof Json.Text(String tx)) {
          broken.add(tx);
        }
      }
    }
    changes.removeIf(change -> {
      boolean isBroken = change.tx().filter(broken::contains).isPresent();
      if (isBroken) {
        refused.add(WriteResult.failed(change.id(), brokenGroup()));
      }
      return isBroken;
    });
    return new ReceivedBatch(WriteBatch.of(shape, changes), refused);
  }

  private static WriteError brokenGroup() {
    return new WriteError(GROUP, "Another change of the same tx could not be applied.", false);
  }

  /** The answer to the whole of it. */
  public WriteAnswer complete(WriteAnswer applied) {
    if (refused.isEmpty()) {
      return applied;
    }
    List<WriteResult> all = new ArrayList<>(applied.results());
    all.addAll(refused);
    return new WriteAnswer(all);
  }
}
