package dev.millrace.server.shape;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Some changes of a transaction to one shape, of which Postgres has to say what they mean. A large
 * transaction comes in several parts. Immutable.
 *
 * @param run which run of the stream brought it: what earlier ones left undecided is brought again
 * @param shape its number
 * @param commitLsn of the transaction, as {@code xid}
 * @param isLast whether the transaction is complete with it
 */
record UndecidedPart(
    int run, int shape, long commitLsn, int xid, boolean isLast, List<UndecidedChange> changes) {

  UndecidedPart {
    changes = List.copyOf(changes);
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(run);
      out.writeInt(shape);
      out.writeLong(commitLsn);
      out.writeInt(xid);
      out.writeBoolean(isLast);
      out.writeInt(changes.size());
      for (UndecidedChange change : changes) {
        change.write(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static UndecidedPart of(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int run = in.readInt();
      int shape = in.readInt();
      long commitLsn = in.readLong();
      int xid = in.readInt();
      boolean isLast = in.readBoolean();
      List<UndecidedChange> changes = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        changes.add(UndecidedChange.read(in));
      }
      return new UndecidedPart(run, shape, commitLsn, xid, isLast, changes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
