package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.MappedColumn;
import dev.millrace.client.typed.ValuesRead;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Model.Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final MappedColumn<Model.Kind> KIND =
      MappedColumn.<Model.Kind, String>of(
          "kind", ColumnType.Scalar.TEXT, WorksColumns::labelOfKind, WorksColumns::kindOf);

  WorksColumns() {}

  private static String labelOfKind(Model.Kind constant) {
    return switch (constant) {
      case BOOK -> "book";
    };
  }

  private static Model.Kind kindOf(String label) {
    return switch (label) {
      case "book" -> Model.Kind.BOOK;
      default -> throw ValuesRead.noConstant("Kind", label);
    };
  }
}
