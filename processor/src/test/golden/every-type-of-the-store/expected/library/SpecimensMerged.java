package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.query.Query;
import dev.millrace.client.store.Row;
import dev.millrace.client.typed.TypedQuery;
import dev.millrace.client.typed.ValuesRead;
import java.util.Optional;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * Reads {@link Specimen} rows: what the server sent, and over it what was written here. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class SpecimensMerged {

  private final SyncManager sync;

  public SpecimensMerged(SyncManager sync) {
    this.sync = sync;
  }

  /** All rows, to be narrowed. */
  public TypedQuery<Specimen> query() {
    return new TypedQuery<>(this.sync, Query.of(SpecimensElectric.ENTITY), SpecimensMerged::read);
  }

  /** The row with that key. */
  public Optional<Specimen> find(UUID id) {
    return query().where(Specimens.SPECIMEN.ID.eq(id)).first();
  }

  /** The record of a row. */
  public static Specimen read(Row row) {
    ValuesRead in = ValuesRead.of("specimens", row);
    return new Specimen(
        in.required(Specimens.SPECIMEN.ID),
        in.required(Specimens.SPECIMEN.IS_FREE),
        in.required(Specimens.SPECIMEN.IS_BOXED),
        in.required(Specimens.SPECIMEN.SMALL),
        in.required(Specimens.SPECIMEN.SMALL_BOXED),
        in.required(Specimens.SPECIMEN.NUMBER),
        in.required(Specimens.SPECIMEN.NUMBER_BOXED),
        in.required(Specimens.SPECIMEN.LARGE),
        in.required(Specimens.SPECIMEN.LARGE_BOXED),
        in.required(Specimens.SPECIMEN.RATIO),
        in.required(Specimens.SPECIMEN.RATIO_BOXED),
        in.required(Specimens.SPECIMEN.EXACT_RATIO),
        in.required(Specimens.SPECIMEN.EXACT_RATIO_BOXED),
        in.required(Specimens.SPECIMEN.AMOUNT),
        in.required(Specimens.SPECIMEN.TEXT),
        in.required(Specimens.SPECIMEN.DAY),
        in.required(Specimens.SPECIMEN.TIME),
        in.required(Specimens.SPECIMEN.MOMENT),
        in.required(Specimens.SPECIMEN.INSTANT),
        in.required(Specimens.SPECIMEN.BYTES),
        in.required(Specimens.SPECIMEN.DOCUMENT));
  }
}
