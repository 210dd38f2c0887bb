package dev.millrace.client;

import dev.millrace.client.sqlite.Sqlite;
import dev.millrace.client.store.Durability;
import dev.millrace.client.store.Meta;
import dev.millrace.client.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a device knows of itself, in a file of its own beside the stores: its name, who is signed
 * in, who the guest is, and whether a guest is being adopted.
 */
final class Device implements AutoCloseable {

  private final Path folder;
  private final Store store;
  private final Supplier<String> ids;

  private Device(Path folder, Store store, Supplier<String> ids) {
    this.folder = folder;
    this.store = store;
    this.ids = ids;
  }

  static Device open(Path folder, Sqlite sqlite, Supplier<String> ids, boolean isDurable) {
    return new Device(folder, Store.open(sqlite, file(folder), List.of(), isDurable), ids);
  }

  static Path file(Path folder) {
    return folder.resolve("device.db");
  }

  /** By which the server knows the device. */
  String clientId() {
    return lasting("client");
  }

  String guestId() {
    return lasting("guest");
  }

  private String lasting(String name) {
    Optional<String> given = store.read(tx -> Meta.get(tx, name));
    return given.orElseGet(() -> give(name));
  }

  private String give(String name) {
    return store.write(
        Durability.FULL,
        tx -> {
          Optional<String> known = Meta.get(tx, name);
          if (known.isPresent()) {
            return known.get();
          }
          String fresh = ids.get();
          Meta.put(tx, name, fresh);
          return fresh;
        });
  }

  /** Who is signed in. */
  Optional<String> user() {
    return store.read(tx -> Meta.get(tx, "user"));
  }

  /** Whose the guest's data is becoming. */
  Optional<String> adopter() {
    return store.read(tx -> Meta.get(tx, "adopter"));
  }

  void beginAdoption(String user) {
    store.write(
        Durability.FULL,
        tx -> {
          Meta.put(tx, "adopter", user);
          return true;
        });
  }

  /** Nobody adopts the guest's data now. */
  void endAdoption() {
    store.write(
        Durability.FULL,
        tx -> {
          Meta.remove(tx, "adopter");
          return true;
        });
  }

  /** The guest is nobody any more; the next one is another. */
  void forgetGuest() {
    store.write(
        Durability.FULL,
        tx -> {
          Meta.remove(tx, "guest");
          Meta.remove(tx, "adopter");
          return true;
        });
  }

  void signedIn(String user) {
    store.write(
        Durability.FULL,
        tx -> {
          Meta.put(tx, "user", user);
          return true;
        });
  }

  void signedOut() {
    store.write(
        Durability.FULL,
        tx -> {
          Meta.remove(tx, "user");
          return true;
        });
  }

  /** Of one guest alone, so that what a crash leaves of an old one is never another's. */
  Path guestFile() {
    return guestFile(folder, guestId());
  }

  static Path guestFile(Path folder, String guest) {
    return folder.resolve("guest-" + guest + ".db");
  }

  /** Of one user alone. The name tells nothing about who it is. */
  Path userFile(String user) {
    return userFile(folder, user);
  }

  static Path userFile(Path folder, String user) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(user.getBytes(StandardCharsets.UTF_8));
      StringBuilder name = new StringBuilder("user-");
      for (int i = 0; i < 16; i++) {
        name.append(Character.forDigit(hash[i] >> 4 & 15, 16));
        name.append(Character.forDigit(hash[i] & 15, 16));
      }
      return folder.resolve(name + ".db");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("no SHA-256", e);
    }
  }

  /** Removes a database with what SQLite keeps beside it. */
  static void delete(Path file) {
    try {
      for (String ending : List.of("", "-wal", "-shm", "-journal")) {
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + ending));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file, e);
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
