package dev.millrace.client;

import dev.millrace.client.store.ColumnType;
import dev.millrace.client.store.DeviceColumns;
import dev.millrace.client.store.Durability;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.LocalChange;
import dev.millrace.client.store.Meta;
import dev.millrace.client.store.Overlay;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.client.store.Tx;
import dev.millrace.client.writebuffer.WriteBuffer;
import dev.millrace.protocol.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What becomes of a guest's data. */
final class GuestMove {

  private GuestMove() {}

  /**
   * Puts what the guest wrote on top of what the user has, in its order, and queues it; the guest's
   * id in an owner's column becomes the user's. One transaction in the user's store, which notes
   * how far it came: done again after a crash, or when the guest has gone on, it takes what is new.
   * What the application of now cannot read is taken as it was written.
   */
  static void adopt(Store guests, String guest, Store users, String user, WriteBuffer buffer) {
    List<Overlay.Pending> changes = guests.read(Overlay::list);
    users.write(
        Durability.FULL,
        tx -> {
          String note = "adopted:" + guest;
          long adopted = Long.parseLong(Meta.get(tx, note).orElse("0"));
          for (Overlay.Pending change : changes) {
            if (change.seq() > adopted) {
              adopt(tx, change, guest, guests, users, user, buffer);
              adopted = change.seq();
            }
          }
          users.entities().forEach(entity -> DeviceColumns.copy(guests, tx, entity));
          Meta.put(tx, note, Long.toString(adopted));
          return true;
        });
  }

  private static void adopt(
      Tx tx,
      Overlay.Pending change,
      String guest,
      Store guests,
      Store users,
      String user,
      WriteBuffer buffer) {
    Optional<Entity> entity =
        users
            .entity(change.entity())
            .filter(known -> change.payload().byName().keySet().containsAll(known.key()));
    if (entity.isPresent()) {
      Json.Members payload = owned(entity.get(), change.payload(), guest, user);
      LocalChange adopted = LocalChange.stored(entity.get(), change.op(), payload);
      buffer.adopt(tx, change.id(), adopted, change.group());
    } else {
      String name = change.entity();
      String table = guests.read(in -> Overlay.table(in, name)).orElse(name);
      buffer.adoptUnread(tx, change.with(owned(change.payload(), guest, user)), table);
    }
  }

  /** Nobody knows its columns now; the guest's id is like no other value. */
  private static Json.Members owned(Json.Members payload, String guest, String user) {
    Map<String, Json> columns = new LinkedHashMap<>();
    payload
        .byName()
        .forEach(
            (name, value) -> columns.put(name, value.equals(text(guest)) ? text(user) : value));
    return new Json.Members(columns);
  }

  private static Json.Members owned(
      Entity entity, Json.Members payload, String guest, String user) {
    Map<String, Json> columns = new LinkedHashMap<>();
    payload
        .byName()
        .forEach((name, value) -> {
          boolean isGuests = entity.owner().equals(Optional.of(name)) && value.equals(text(guest));
          if (!isGuests) {
            columns.put(name, value);
          } else if (isOwner(entity, name, user)) {
            columns.put(name, text(user));
          }
          // Else the user's id is no value of the column: the database knows who writes.
        });
    return new Json.Members(columns);
  }

  private static Json text(String text) {
    return new Json.Text(text);
  }

  /** Whether a user's id can stand in an owner's column. */
  static boolean isOwner(Entity entity, String column, String user) {
    ColumnType type = entity.column(column).orElseThrow().type();
    return type == ColumnType.Scalar.TEXT
        || (type == ColumnType.Scalar.UUID && dev.millrace.protocol.PlainUuid.is(user));
  }

  /**
   * Writes what the guest wrote to a file, a JSON object on each line, in its order, then what
   * never leaves the device; on the disk when this returns.
   */
  static void export(Store guests, Path file) {
    StringBuilder lines = new StringBuilder();
    for (Overlay.Pending change : guests.read(Overlay::list)) {
      Map<String, Json> line = new LinkedHashMap<>();
      line.put("id", text(change.id()));
      line.put("table", text(change.entity()));
      line.put("op", text(change.op().text()));
      line.put("payload", change.payload());
      change.group().ifPresent(group -> line.put("tx", text(group)));
      lines.append(new Json.Members(line)).append('\n');
    }
    for (Entity entity : guests.entities()) {
      for (Json.Members row : DeviceColumns.export(guests, entity)) {
        Map<String, Json> line = new LinkedHashMap<>();
        line.put("table", text(entity.name()));
        line.put("local", row);
        lines.append(new Json.Members(line)).append('\n');
      }
    }
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      throw new SyncClientException(ErrorCode.STORE_FAILED, "cannot export to " + file, e);
    }
  }
}
