package dev.millrace.server.shape;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A change of which only Postgres can say what it means to a shape: what it asks to know, and what
 * the shape tells in each case. Immutable; the arrays are not copied.
 *
 * @param old the texts of the columns that the filter reads, of the row before; null if there was
 *     none that could be in the shape
 * @param row the same of the row after
 * @param stays what is told if both are in the shape
 * @param enters what is told if the row after is alone
 * @param leaves what is told if the row before is alone
 */
record UndecidedChange(
    @Nullable Texts old,
    @Nullable Texts row,
    List<Message> stays,
    List<Message> enters,
    List<Message> leaves) {

  /** The texts of some columns; null where a value is. */
  record Texts(List<@Nullable String> values) {

    private void write(DataOutputStream out) throws IOException {
      out.writeInt(values.size());
      for (String value : values) {
        writeText(out, value);
      }
    }

    private static Texts read(DataInputStream in) throws IOException {
      List<@Nullable String> values = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        values.add(readText(in));
      }
      return new Texts(values);
    }

    private static void writeText(DataOutputStream out, @Nullable String text) throws IOException {
      byte[] bytes = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
      out.writeInt(bytes == null ? -1 : bytes.length);
      if (bytes != null) {
        out.write(bytes);
      }
    }

    private static @Nullable String readText(DataInputStream in) throws IOException {
      int length = in.readInt();
      return length < 0 ? null : new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
  }

  /** A log message, open at its end, as {@link ShapeLog#append} takes it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Message(byte[] bytes, long op, int growth) {

    private void write(DataOutputStream out) throws IOException {
      out.writeInt(bytes.length);
      out.write(bytes);
      out.writeLong(op);
      out.writeInt(growth);
    }

    byte[] toBytes() {
      ByteArrayOutputStream record = new ByteArrayOutputStream(bytes.length + 16);
      try (DataOutputStream out = new DataOutputStream(record)) {
        write(out);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return record.toByteArray();
    }

    static Message of(byte[] record) {
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(record))) {
        return read(in);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Message read(DataInputStream in) throws IOException {
      return new Message(in.readNBytes(in.readInt()), in.readLong(), in.readInt());
    }
  }

  /** About how much memory it takes. */
  long bytes() {
    return Stream.of(stays, enters, leaves)
        .flatMap(List::stream)
        .mapToLong(message -> message.bytes().length)
        .sum();
  }

  /** What the shape tells, given which of the two rows Postgres finds in it. */
  List<Message> outcome(boolean hadOld, boolean hasNew) {
    if (hadOld) {
      return hasNew ? stays : leaves;
    }
    return hasNew ? enters : List.of();
  }

  void write(DataOutputStream out) throws IOException {
    write(out, old);
    write(out, row);
    write(out, stays);
    write(out, enters);
    write(out, leaves);
  }

  private static void write(DataOutputStream out, @Nullable Texts texts) throws IOException {
    out.writeBoolean(texts != null);
    if (texts != null) {
      texts.write(out);
    }
  }

  private static void write(DataOutputStream out, List<Message> messages) throws IOException {
    out.writeInt(messages.size());
    for (Message message : messages) {
      message.write(out);
    }
  }

  static UndecidedChange read(DataInputStream in) throws IOException {
    return new UndecidedChange(
        readTexts(in), readTexts(in), readMessages(in), readMessages(in), readMessages(in));
  }

  private static @Nullable Texts readTexts(DataInputStream in) throws IOException {
    return in.readBoolean() ? Texts.read(in) : null;
  }

  private static List<Message> readMessages(DataInputStream in) throws IOException {
    List<Message> messages = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      messages.add(Message.read(in));
    }
    return messages;
  }
}
