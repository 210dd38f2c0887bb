package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.MappedColumn;
import dev.millrace.client.typed.ValuesRead;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final MappedColumn<Set<String>> TAGS =
      MappedColumn.<Set<String>, List<String>>of(
          "tags", new ColumnType.ArrayOf(ColumnType.Scalar.TEXT), ArrayList::new, ValuesRead::set);
  public final MappedColumn<Set<Work.Mark>> MARKS =
      MappedColumn.<Set<Work.Mark>, List<String>>of(
          "marks",
          new ColumnType.ArrayOf(ColumnType.Scalar.TEXT),
          values -> values.stream().map(WorksColumns::labelOfMark).toList(),
          values -> ValuesRead.set(values.stream().map(WorksColumns::markOf).toList()));

  WorksColumns() {}

  private static String labelOfMark(Work.Mark constant) {
    return switch (constant) {
      case READ -> "read";
      case LIKED -> "liked";
    };
  }

  private static Work.Mark markOf(String label) {
    return switch (label) {
      case "read" -> Work.Mark.READ;
      case "liked" -> Work.Mark.LIKED;
      default -> throw ValuesRead.noConstant("Mark", label);
    };
  }
}
