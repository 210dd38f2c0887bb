package dev.millrace.processor.write;

import dev.millrace.processor.model.Scalar;
import dev.millrace.processor.model.TypeText;
import java.util.stream.Collectors;

/** The types that generated code stands on, as {@link SourceText} takes them. */
final class Library {

  static final String SYNC = "«dev.millrace.client.SyncManager»";
  static final String TOGETHER = SYNC + ".Together";
  static final String COLUMN = "«dev.millrace.client.query.Column»";
  static final String CONDITION = "«dev.millrace.client.query.Condition»";
  static final String LIVE = "«dev.millrace.client.query.LiveQuery»";
  static final String ORDER = "«dev.millrace.client.query.Order»";
  static final String QUERY = "«dev.millrace.client.query.Query»";
  static final String ARRAY = "«dev.millrace.client.store.ColumnType».ArrayOf";
  static final String ENTITY = "«dev.millrace.client.store.Entity»";
  static final String ROW = "«dev.millrace.client.store.Row»";
  static final String STATUS = "«dev.millrace.client.stream.StreamStatus»";
  static final String MAPPED = "«dev.millrace.client.typed.MappedColumn»";
  static final String OPAQUE = "«dev.millrace.client.typed.OpaqueColumn»";
  static final String SINGLE = "«dev.millrace.client.typed.SingleWrites»";
  static final String TYPED_QUERY = "«dev.millrace.client.typed.TypedQuery»";
  static final String READ = "«dev.millrace.client.typed.ValuesRead»";
  static final String WRITE = "«dev.millrace.client.typed.ValuesToWrite»";
  static final String HANDLE = "«dev.millrace.client.writebuffer.WriteHandle»";
  static final String JSON = "«dev.millrace.protocol.Json»";
  static final String LIST = "«java.util.List»";
  static final String OPTIONAL = "«java.util.Optional»";
  static final String NULL_MARKED = "«org.jspecify.annotations.NullMarked»";
  static final String NULLABLE = "«org.jspecify.annotations.Nullable»";

  private Library() {}

  static String scalar(Scalar scalar) {
    return "«dev.millrace.client.store.ColumnType».Scalar." + scalar.name();
  }

  static String type(TypeText type) {
    String name = type.name().indexOf('.') < 0 ? type.name() : "«" + type.name() + "»";
    return type.arguments().isEmpty()
        ? name
        : type.arguments().stream()
            .map(Library::type)
            .collect(Collectors.joining(", ", name + "<", ">"));
  }
}
