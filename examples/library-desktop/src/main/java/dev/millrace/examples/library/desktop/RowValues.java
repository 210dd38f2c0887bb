package dev.millrace.examples.library.desktop;

import dev.millrace.client.store.Entity;
import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.EditConflict;
import dev.millrace.examples.library.Work;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values by column, as writes take them, of what a write has carried. */
final class RowValues {

  private RowValues() {}

  /** The Java values of an entity's columns; what it does not know is left out. */
  static Map<String, @Nullable Object> of(Entity entity, Json.Members members) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    members
        .byName()
        .forEach((name, json) ->
            entity
                .column(name)
                .map(Entity.Column::type)
                .ifPresent(type -> values.put(name, type.load(type.storeJson(json)))));
    return values;
  }

  /** Sets the column that two have changed to what one of them wrote. */
  static Map<String, @Nullable Object> settling(
      Entity entity, EditConflict conflict, Conflict.Kept chosen) {
    Map<String, Json> members = new LinkedHashMap<>(conflict.key().byName());
    boolean isMine = chosen == Conflict.Kept.YOURS;
    members.put(conflict.column(), isMine ? conflict.yours() : conflict.theirs());
    return of(entity, new Json.Members(members));
  }

  /** The rejected insert or update of a work, the oldest. */
  static Optional<DeadLetter> rejectedOf(Work work, Entity works, List<DeadLetter> rejected) {
    return rejected.stream()
        .filter(
            letter -> letter.entity().equals(works.name()) && letter.op() != WriteChange.Op.DELETE)
        .filter(letter -> work.id().equals(of(works, letter.payload()).get("id")))
        .findFirst();
  }

  /** What a rejected write says when the work is edited: what it said, and what is other now. */
  static Map<String, @Nullable Object> mended(
      Entity works, DeadLetter rejected, Work before, Work after) {
    Map<String, @Nullable Object> values = of(works, rejected.payload());
    for (WorkColumn column : WorkColumn.ALL) {
      Object value = column.value(after);
      if (values.containsKey(column.column()) || !Objects.equals(value, column.value(before))) {
        values.put(column.column(), value);
      }
    }
    return values;
  }
}
