package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final Column<String> TITLE = new Column<>("work_title", ColumnType.Scalar.TEXT);
  public final Column<Integer> YEAR = new Column<>("publishedIn", ColumnType.Scalar.INT4);
  public final Column<String> BOOK_URL = new Column<>("book_url", ColumnType.Scalar.TEXT);
  public final Column<String> ADDRESS2_LINE = new Column<>("address2_line", ColumnType.Scalar.TEXT);
  public final Column<String> SHA256 = new Column<>("sha256", ColumnType.Scalar.TEXT);

  WorksColumns() {}
}
