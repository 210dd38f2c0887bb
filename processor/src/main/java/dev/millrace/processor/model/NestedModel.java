package dev.millrace.processor.model;

import java.util.List;

/**
 * A record that is stored as JSON within a column.
 *
 * @param fieldsClass what the class that has its members is called
 */
public record NestedModel(TypeText javaType, String fieldsClass, List<ColumnModel> fields) {

  public NestedModel {
    fields = List.copyOf(fields);
  }
}
