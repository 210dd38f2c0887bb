package library;

import dev.millrace.client.SyncManager;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * Takes away what was written here once the server's stream shows it. It happens by itself; this is
 * for whoever wants to see it, or cannot wait. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
final class WorksCleanup {

  private final SyncManager sync;

  public WorksCleanup(SyncManager sync) {
    this.sync = sync;
  }

  /** How many changes made here the stream has not shown yet. */
  public long waiting() {
    return this.sync.unshown(WorksElectric.ENTITY);
  }

  /** Asks the server at once for what it has applied and the stream has not shown. */
  public void run() {
    this.sync.cleanUp(WorksElectric.ENTITY);
  }
}
