package dev.millrace.server.shape;

import dev.millrace.server.postgres.Tuple;
import dev.millrace.server.shape.UndecidedChange.Message;
import dev.millrace.server.shape.UndecidedChange.Texts;
import java.util.List;

/**
 * Writes what a change would mean to a shape, whatever Postgres says of its rows. The encoder is
 * set to the table and the transaction. One thread.
 *
 * @param op the offset's second half
 */
record RowChanges(MessageEncoder encoder, long op) {

  UndecidedChange insert(Tuple row) {
    ByteBuilder out = new ByteBuilder(256);
    encoder.insert(out, row, op);
    return new UndecidedChange(
        null, texts(row, row), List.of(), List.of(message(out, op)), List.of());
  }

  UndecidedChange delete(Tuple old) {
    return new UndecidedChange(texts(old, old), null, List.of(), List.of(), List.of(left(old)));
  }

  private Message left(Tuple old) {
    ByteBuilder out = new ByteBuilder(256);
    encoder.delete(out, old, true, op);
    return message(out, op);
  }

  /**
   * An update.
   *
   * @param mayHaveOld whether the row before may be in the shape; {@code mayHaveNew} the row after
   */
  UndecidedChange update(boolean mayHaveOld, boolean mayHaveNew, Tuple old, Tuple row) {
    return new UndecidedChange(
        mayHaveOld ? texts(old, old) : null,
        mayHaveNew ? texts(row, old) : null,
        mayHaveOld && mayHaveNew ? changed(old, row) : List.of(),
        mayHaveNew ? List.of(entered(old, row)) : List.of(),
        mayHaveOld ? List.of(left(old)) : List.of());
  }

  private List<Message> changed(Tuple old, Tuple row) {
    ByteBuilder out = new ByteBuilder(256);
    if (encoder.isKeyChanged(old, row)) {
      encoder.keyChangeDelete(out, old, true, row, op);
      Message first = message(out, op);
      out.clear();
      encoder.keyChangeInsert(out, old, true, row, op + 1);
      return List.of(first, message(out, op + 1));
    }
    return encoder.update(out, old, row, op) ? List.of(message(out, op)) : List.of();
  }

  private Message entered(Tuple old, Tuple row) {
    ByteBuilder out = new ByteBuilder(256);
    encoder.enter(out, old, row, op);
    return message(out, op);
  }

  private Message message(ByteBuilder out, long messageOp) {
    return new Message(out.toBytes(), messageOp, encoder.growth());
  }

  private Texts texts(Tuple row, Tuple unchanged) {
    return new Texts(encoder.filterTexts(row, unchanged));
  }
}
