package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.typed.SingleWrites;
import dev.millrace.client.typed.ValuesToWrite;
import dev.millrace.client.writebuffer.WriteHandle;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * Writes {@link Class} rows: each is on this device when its method returns, and goes to the server
 * when somebody is signed in. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class ClassesLocal {

  private final SyncManager.Together writes;

  /** Each write by itself. */
  public ClassesLocal(SyncManager sync) {
    this(new SingleWrites(sync));
  }

  /** Several at once, of which the server applies all or none. */
  public ClassesLocal(SyncManager.Together writes) {
    this.writes = writes;
  }

  /** Adds a row. What is null gets the server's default. */
  public WriteHandle create(Class row) {
    return this.writes.create(ClassesElectric.ENTITY, values(row).present());
  }

  /** Changes what differs between a row as the user saw it and as it shall be. */
  public WriteHandle update(Class before, Class after) {
    return this.writes.update(
        ClassesElectric.ENTITY, values(after).changesSince(values(before), ClassesElectric.ENTITY));
  }

  /** Begins a change of some columns of a row. */
  public Edit edit(UUID writes) {
    return new Edit(this.writes, key(writes));
  }

  /** Deletes a row. */
  public WriteHandle delete(UUID writes) {
    return this.writes.delete(ClassesElectric.ENTITY, key(writes).all());
  }

  private static ValuesToWrite key(UUID writes) {
    return new ValuesToWrite().put(Classes.CLASS.WRITES, writes);
  }

  private static ValuesToWrite values(Class row) {
    return new ValuesToWrite()
        .put(Classes.CLASS.WRITES, row.writes())
        .put(Classes.CLASS.SYNC, row.sync())
        .put(Classes.CLASS.LOCAL, row.local())
        .put(Classes.CLASS.VALUES, row.values())
        .put(Classes.CLASS.IN, row.in())
        .put(Classes.CLASS.OBJECT, row.object())
        .put(Classes.CLASS.ROW, row.row())
        .put(Classes.CLASS.SAVE, row.save());
  }

  /** A change of some columns of a row, made when it is saved. One thread. */
  public static final class Edit {

    private final SyncManager.Together writes;
    private final ValuesToWrite values;

    private Edit(SyncManager.Together writes, ValuesToWrite values) {
      this.writes = writes;
      this.values = values;
    }

    public Edit sync(String sync) {
      this.values.put(Classes.CLASS.SYNC, sync);
      return this;
    }

    public Edit local(Integer local) {
      this.values.put(Classes.CLASS.LOCAL, local);
      return this;
    }

    public Edit values(Integer values) {
      this.values.put(Classes.CLASS.VALUES, values);
      return this;
    }

    public Edit in(String in) {
      this.values.put(Classes.CLASS.IN, in);
      return this;
    }

    public Edit object(String object) {
      this.values.put(Classes.CLASS.OBJECT, object);
      return this;
    }

    public Edit row(String row) {
      this.values.put(Classes.CLASS.ROW, row);
      return this;
    }

    public Edit save(Boolean save) {
      this.values.put(Classes.CLASS.SAVE, save);
      return this;
    }

    /** Makes the change. */
    public WriteHandle save() {
      return this.writes.update(ClassesElectric.ENTITY, this.values.all());
    }
  }
}
