package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.typed.SingleWrites;
import dev.millrace.client.typed.ValuesToWrite;
import dev.millrace.client.writebuffer.WriteHandle;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * Writes {@link Work} rows: each is on this device when its method returns, and goes to the server
 * when somebody is signed in. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksLocal {

  private final SyncManager.Together writes;

  /** Each write by itself. */
  public WorksLocal(SyncManager sync) {
    this(new SingleWrites(sync));
  }

  /** Several at once, of which the server applies all or none. */
  public WorksLocal(SyncManager.Together writes) {
    this.writes = writes;
  }

  /** Adds a row. What is null gets the server's default. */
  public WriteHandle create(Work work) {
    return this.writes.create(WorksElectric.ENTITY, values(work).present());
  }

  /** Changes what differs between a row as the user saw it and as it shall be. */
  public WriteHandle update(Work before, Work after) {
    return this.writes.update(
        WorksElectric.ENTITY, values(after).changesSince(values(before), WorksElectric.ENTITY));
  }

  /** Begins a change of some columns of a row. */
  public Edit edit(UUID id) {
    return new Edit(this.writes, key(id));
  }

  /** Deletes a row. */
  public WriteHandle delete(UUID id) {
    return this.writes.delete(WorksElectric.ENTITY, key(id).all());
  }

  private static ValuesToWrite key(UUID id) {
    return new ValuesToWrite().put(Works.WORK.ID, id);
  }

  private static ValuesToWrite values(Work work) {
    return new ValuesToWrite()
        .put(Works.WORK.ID, work.id())
        .put(Works.WORK.STATUS, work.status())
        .put(Works.WORK.OTHER_STATUS, work.otherStatus());
  }

  /** A change of some columns of a row, made when it is saved. One thread. */
  public static final class Edit {

    private final SyncManager.Together writes;
    private final ValuesToWrite values;

    private Edit(SyncManager.Together writes, ValuesToWrite values) {
      this.writes = writes;
      this.values = values;
    }

    public Edit status(Status status) {
      this.values.put(Works.WORK.STATUS, status);
      return this;
    }

    public Edit otherStatus(other.Status otherStatus) {
      this.values.put(Works.WORK.OTHER_STATUS, otherStatus);
      return this;
    }

    /** Makes the change. */
    public WriteHandle save() {
      return this.writes.update(WorksElectric.ENTITY, this.values.all());
    }
  }
}
