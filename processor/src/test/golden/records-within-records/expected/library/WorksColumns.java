package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.OpaqueColumn;
import dev.millrace.client.typed.ValuesRead;
import dev.millrace.client.typed.ValuesToWrite;
import dev.millrace.protocol.Json;
import java.util.List;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final OpaqueColumn<Work.Chapter> ROOT =
      OpaqueColumn.<Work.Chapter, Json>of(
          "root", ColumnType.Scalar.JSON, ChapterFields::write, ChapterFields::read);
  public final OpaqueColumn<List<Work.Note>> NOTES =
      OpaqueColumn.<List<Work.Note>, Json>of(
          "notes",
          ColumnType.Scalar.JSON,
          values -> ValuesToWrite.list(values, NoteFields::write),
          json -> ValuesRead.list(json, NoteFields::read));

  WorksColumns() {}

  /** The members of a {@link Work.Chapter} in JSON. */
  private static final class ChapterFields {

    static final Column<String> TITLE = new Column<>("title", ColumnType.Scalar.TEXT);
    static final OpaqueColumn<List<Work.Chapter>> CHAPTERS =
        OpaqueColumn.<List<Work.Chapter>, Json>of(
            "chapters",
            ColumnType.Scalar.JSON,
            values -> ValuesToWrite.list(values, ChapterFields::write),
            json -> ValuesRead.list(json, ChapterFields::read));
    static final OpaqueColumn<Work.Note> NOTE =
        OpaqueColumn.<Work.Note, Json>of(
            "note", ColumnType.Scalar.JSON, NoteFields::write, NoteFields::read);

    private ChapterFields() {}

    static Json write(Work.Chapter value) {
      return new ValuesToWrite()
          .put(TITLE, value.title())
          .put(CHAPTERS, value.chapters())
          .put(NOTE, value.note())
          .json();
    }

    static Work.Chapter read(Json json) {
      ValuesRead in = ValuesRead.of("Chapter", json);
      return new Work.Chapter(in.required(TITLE), in.required(CHAPTERS), in.required(NOTE));
    }
  }

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
