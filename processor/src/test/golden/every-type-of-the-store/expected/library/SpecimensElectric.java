package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.store.Entity;
import dev.millrace.client.stream.StreamStatus;
import java.util.Optional;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** What is synced of table {@code specimens}, and how its stream does. Any thread. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class SpecimensElectric {

  /** For the settings of the client: what it shall sync. */
  public static final Entity ENTITY =
      Entity.of("specimens")
          .key("id", ColumnType.Scalar.UUID)
          .column("is_free", ColumnType.Scalar.BOOL, Entity.Nulls.NEVER)
          .column("is_boxed", ColumnType.Scalar.BOOL, Entity.Nulls.NEVER)
          .column("small", ColumnType.Scalar.INT2, Entity.Nulls.NEVER)
          .column("small_boxed", ColumnType.Scalar.INT2, Entity.Nulls.NEVER)
          .column("number", ColumnType.Scalar.INT4, Entity.Nulls.NEVER)
          .column("number_boxed", ColumnType.Scalar.INT4, Entity.Nulls.NEVER)
          .column("large", ColumnType.Scalar.INT8, Entity.Nulls.NEVER)
          .column("large_boxed", ColumnType.Scalar.INT8, Entity.Nulls.NEVER)
          .column("ratio", ColumnType.Scalar.FLOAT4, Entity.Nulls.NEVER)
          .column("ratio_boxed", ColumnType.Scalar.FLOAT4, Entity.Nulls.NEVER)
          .column("exact_ratio", ColumnType.Scalar.FLOAT8, Entity.Nulls.NEVER)
          .column("exact_ratio_boxed", ColumnType.Scalar.FLOAT8, Entity.Nulls.NEVER)
          .column("amount", ColumnType.Scalar.NUMERIC, Entity.Nulls.NEVER)
          .column("text", ColumnType.Scalar.TEXT, Entity.Nulls.NEVER)
          .column("day", ColumnType.Scalar.DATE, Entity.Nulls.NEVER)
          .column("time", ColumnType.Scalar.TIME, Entity.Nulls.NEVER)
          .column("moment", ColumnType.Scalar.TIMESTAMP, Entity.Nulls.NEVER)
          .column("instant", ColumnType.Scalar.TIMESTAMPTZ, Entity.Nulls.NEVER)
          .column("bytes", ColumnType.Scalar.BYTEA, Entity.Nulls.NEVER)
          .column("document", ColumnType.Scalar.JSON, Entity.Nulls.NEVER)
          .build();

  private final SyncManager sync;

  public SpecimensElectric(SyncManager sync) {
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
