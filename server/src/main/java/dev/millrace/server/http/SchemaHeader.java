package dev.millrace.server.http;

import dev.millrace.protocol.JsonText;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.shape.ShapeDefinition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The {@code electric-schema} header: how to read each column's text (protocol section 6.6). */
final class SchemaHeader {

  private static final int VARIABLE_HEADER = 4;
  private static final int ALL_FIELDS = 0x7FFF;
  private static final int NO_PRECISION = 0xFFFF;

  /** Bits of an interval's field mask, largest field first (Postgres, {@code datetime.h}). */
  private enum IntervalField {
    YEAR(2),
    MONTH(1),
    DAY(3),
    HOUR(10),
    MINUTE(11),
    SECOND(12);

    private final int mask;

    IntervalField(int bit) {
      this.mask = 1 << bit;
    }

    boolean isIn(int fields) {
      return (fields & mask) != 0;
    }
  }

  private SchemaHeader() {}

  static String of(ShapeDefinition definition) {
    return definition.columns().stream()
        .map(column -> JsonText.quoteAscii(column.name()) + ":" + describe(column))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String describe(Column column) {
    List<String> entries = new ArrayList<>();
    entries.add("\"type\":" + JsonText.quoteAscii(column.type()));
    if (column.dimensions() > 0) {
      entries.add("\"dims\":" + column.dimensions());
    }
    if (column.isKey()) {
      entries.add("\"pk_index\":" + column.keyIndex());
    }
    if (column.notNull()) {
      entries.add("\"not_null\":true");
    }
    addModifiers(column, entries);
    return entries.stream().collect(Collectors.joining(",", "{", "}"));
  }

  private static void addModifiers(Column column, List<String> entries) {
    int modifier = column.modifier();
    switch (column.type()) {
      case "varchar" -> addIf(modifier >= 0, "max_length", modifier - VARIABLE_HEADER, entries);
      case "bpchar" -> addIf(modifier >= 0, "length", modifier - VARIABLE_HEADER, entries);
      case "bit", "varbit" -> addIf(true, "length", modifier, entries);
      case "time", "timetz", "timestamp", "timestamptz" ->
          addIf(modifier > 0, "precision", modifier, entries);
      case "numeric" -> addNumeric(modifier, entries);
      case "interval" -> addInterval(modifier, entries);
      default -> addIf(modifier > -1, "type_mod", modifier, entries);
    }
  }

  private static void addIf(boolean present, String name, int value, List<String> entries) {
    if (present) {
      entries.add("\"" + name + "\":" + value);
    }
  }

  private static void addNumeric(int modifier, List<String> entries) {
    if (modifier >= VARIABLE_HEADER) {
      int packed = modifier - VARIABLE_HEADER;
      // The scale is a signed number of eleven bits.
      int scale = ((packed & 0x7FF) ^ 0x400) - 0x400;
      entries.add("\"precision\":" + (packed >> 16 & 0xFFFF));
      entries.add("\"scale\":" + scale);
    }
  }

  private static void addInterval(int modifier, List<String> entries) {
    if (modifier < 0) {
      return;
    }
    int fields = modifier >> 16 & ALL_FIELDS;
    int precision = modifier & 0xFFFF;
    addIf(precision != NO_PRECISION, "precision", precision, entries);
    List<IntervalField> named =
        Arrays.stream(IntervalField.values()).filter(f -> f.isIn(fields)).toList();
    if (fields != ALL_FIELDS && !named.isEmpty()) {
      String first = named.getFirst().name();
      String last = named.getLast().name();
      entries.add("\"fields\":\"" + (first.equals(last) ? first : first + " TO " + last) + "\"");
    }
  }
}
