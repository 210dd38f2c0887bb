package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.MappedColumn;
import dev.millrace.client.typed.OpaqueColumn;
import dev.millrace.client.typed.ValuesRead;
import dev.millrace.client.typed.ValuesToWrite;
import dev.millrace.protocol.Json;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final OpaqueColumn<Work.Edition> EDITION =
      OpaqueColumn.<Work.Edition, Json>of(
          "edition", ColumnType.Scalar.JSON, EditionFields::write, EditionFields::read);
  public final OpaqueColumn<Work.Edition> TRANSLATION =
      OpaqueColumn.<Work.Edition, Json>of(
          "translation", ColumnType.Scalar.JSON, EditionFields::write, EditionFields::read);

  WorksColumns() {}

  private static String labelOfBinding(Work.Binding constant) {
    return switch (constant) {
      case PAPER -> "paper";
      case CLOTH -> "cloth";
    };
  }

  private static Work.Binding bindingOf(String label) {
    return switch (label) {
      case "paper" -> Work.Binding.PAPER;
      case "cloth" -> Work.Binding.CLOTH;
      default -> throw ValuesRead.noConstant("Binding", label);
    };
  }

  /** The members of a {@link Work.Edition} in JSON. */
  private static final class EditionFields {

    static final Column<String> PUBLISHER = new Column<>("publisher", ColumnType.Scalar.TEXT);
    static final Column<Integer> YEAR = new Column<>("year", ColumnType.Scalar.INT4);
    static final Column<LocalDate> PRINTED_ON = new Column<>("printedOn", ColumnType.Scalar.DATE);
    static final Column<Integer> PAGES = new Column<>("page_count", ColumnType.Scalar.INT4);
    static final MappedColumn<Work.Binding> BINDING =
        MappedColumn.<Work.Binding, String>of(
            "binding",
            ColumnType.Scalar.TEXT,
            WorksColumns::labelOfBinding,
            WorksColumns::bindingOf);
    static final Column<List<String>> EDITORS =
        new Column<>("editors", new ColumnType.ArrayOf(ColumnType.Scalar.TEXT));

    private EditionFields() {}

    static Json write(Work.Edition value) {
      return new ValuesToWrite()
          .put(PUBLISHER, value.publisher())
          .put(YEAR, value.year())
          .put(PRINTED_ON, value.printedOn().orElse(null))
          .put(PAGES, value.pages())
          .put(BINDING, value.binding())
          .put(EDITORS, value.editors())
          .json();
    }

    static Work.Edition read(Json json) {
      ValuesRead in = ValuesRead.of("Edition", json);
      return new Work.Edition(
          in.required(PUBLISHER),
          in.nullable(YEAR),
          in.optional(PRINTED_ON),
          in.required(PAGES),
          in.required(BINDING),
          in.required(EDITORS));
    }
  }
}
