package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.store.Entity;
import dev.millrace.client.stream.StreamStatus;
import java.util.Optional;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** What is synced of table {@code works}, and how its stream does. Any thread. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksElectric {

  /** For the settings of the client: what it shall sync. */
  public static final Entity ENTITY =
      Entity.of("works")
          .key("id", ColumnType.Scalar.UUID)
          .column("title", ColumnType.Scalar.TEXT, Entity.Nulls.NEVER)
          .local("is_pinned", ColumnType.Scalar.BOOL)
          .local("note", ColumnType.Scalar.JSON)
          .build();

  private final SyncManager sync;

  public WorksElectric(SyncManager sync) {
    this.sync = sync;
  }

  /** How the stream does; empty for a guest, who has none. */
  public Optional<StreamStatus> status() {
    return this.sync.status().streams().stream()
        .filter(stream -> stream.entity().equals(ENTITY.name()))
        .findFirst();
  }

  /** Whether all there is on the server is here. */
  public boolean isUpToDate() {
    return status().filter(stream -> stream.phase() == StreamStatus.Phase.LIVE).isPresent();
  }
}
