package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.OpaqueColumn;
import dev.millrace.client.typed.ValuesRead;
import dev.millrace.client.typed.ValuesToWrite;
import dev.millrace.protocol.Json;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final Column<String> TITLE = new Column<>("title", ColumnType.Scalar.TEXT);
  public final Column<Boolean> IS_PINNED = new Column<>("is_pinned", ColumnType.Scalar.BOOL);
  public final OpaqueColumn<Work.Note> NOTE =
      OpaqueColumn.<Work.Note, Json>of(
          "note", ColumnType.Scalar.JSON, NoteFields::write, NoteFields::read);

  WorksColumns() {}

  /** The members of a {@link Work.Note} in JSON. */
  private static final class NoteFields {

    static final Column<String> TEXT = new Column<>("text", ColumnType.Scalar.TEXT);

    private NoteFields() {}

    static Json write(Work.Note value) {
      return new ValuesToWrite().put(TEXT, value.text()).json();
    }

    static Work.Note read(Json json) {
      ValuesRead in = ValuesRead.of("Note", json);
      return new Work.Note(in.required(TEXT));
    }
  }
}
