package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes the messages of the output plugin pgoutput, protocol version 1, and tells them to a
 * {@link ChangeSink}. Allocates nothing per row. One thread.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html">
 *     Logical replication message formats</a>
 */
final class PgOutputDecoder {

  private final ChangeSink sink;
  private final Tuple row = new Tuple();
  private final Tuple old = new Tuple();
  private boolean inTransaction;

  PgOutputDecoder(ChangeSink sink) {
    this.sink = sink;
  }

  boolean isInTransaction() {
    return inTransaction;
  }

  /** Decodes one message; {@code message} is backed by an array and ends with the message. */
  void decode(ByteBuffer message) {
    byte type = message.get();
    switch (type) {
      case 'B' -> begin(message);
      case 'C' -> commit(message);
      case 'R' -> relation(message);
      case 'I' -> insert(message);
      case 'U' -> update(message);
      case 'D' -> delete(message);
      case 'T' -> truncate(message);
      case 'M' -> message(message);
      // Origins and type names tell nothing that a shape needs.
      case 'O', 'Y' -> {}
      default -> throw new ReplicationException("unknown pgoutput message " + (char) type);
    }
  }

  private void begin(ByteBuffer message) {
    inTransaction = true;
    long commitLsn = message.getLong();
    message.getLong(); // commit time
    sink.begin(commitLsn, message.getInt());
  }

  private void commit(ByteBuffer message) {
    message.get(); // flags, unused
    message.getLong(); // commit LSN, known from begin
    inTransaction = false;
    sink.commit(message.getLong());
  }

  private void relation(ByteBuffer message) {
    int oid = message.getInt();
    String schema = string(message);
    String table = string(message);
    message.get(); // replica identity
    int count = message.getShort();
    List<Relation.Attribute> attributes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boolean isIdentity = (message.get() & 1) != 0;
      attributes.add(
          new Relation.Attribute(string(message), message.getInt(), message.getInt(), isIdentity));
    }
    // The schema of the system catalogue is sent as an empty name.
    String name = schema.isEmpty() ? "pg_catalog" : schema;
    sink.relation(new Relation(oid, new RelationName(name, table), attributes));
  }

  private void insert(ByteBuffer message) {
    int relation = message.getInt();
    expect(message, 'N');
    row.read(message);
    sink.insert(relation, row);
  }

  private void update(ByteBuffer message) {
    int relation = message.getInt();
    byte kind = message.get();
    if (kind == 'N') {
      row.read(message);
      sink.update(relation, null, false, row);
      return;
    }
    old.read(message);
    expect(message, 'N');
    row.read(message);
    sink.update(relation, old, kind == 'O', row);
  }

  private void delete(ByteBuffer message) {
    int relation = message.getInt();
    byte kind = message.get();
    old.read(message);
    sink.delete(relation, old, kind == 'O');
  }

  private void truncate(ByteBuffer message) {
    int[] relations = new int[message.getInt()];
    message.get(); // cascade and restart identity: the cascaded tables are listed
    for (int i = 0; i < relations.length; i++) {
      relations[i] = message.getInt();
    }
    sink.truncate(relations);
  }

  private void message(ByteBuffer message) {
    message.get(); // whether it belongs to a transaction: ours do
    message.getLong(); // its LSN
    if (string(message).equals(AlterationTrigger.PREFIX)) {
      sink.alteration();
    }
  }

  private static void expect(ByteBuffer message, char marker) {
    byte found = message.get();
    if (found != marker) {
      throw new ReplicationException("expected " + marker + ", found " + (char) found);
    }
  }

  private static String string(ByteBuffer message) {
    int start = message.position();
    while (message.get() != 0) {
      // up to the terminating zero
    }
    int length = message.position() - 1 - start;
    return new String(
        message.array(), message.arrayOffset() + start, length, StandardCharsets.UTF_8);
  }
}
