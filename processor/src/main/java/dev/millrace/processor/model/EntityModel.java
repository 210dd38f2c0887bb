package dev.millrace.processor.model;

import java.util.List;
import java.util.Optional;
import javax.lang.model.element.TypeElement;

/**
 * A synced record.
 *
 * @param at the record
 * @param packageName empty for the unnamed package
 * @param record its name
 * @param isPublic whether the record is, and so is what is written for it
 * @param recordPath its name with those of the types around it
 * @param facade name of the class that an application uses
 * @param device what the entity is called on the device
 * @param nested records that its columns have, each once
 */
public record EntityModel(
    TypeElement at,
    String packageName,
    boolean isPublic,
    String record,
    String recordPath,
    String table,
    String facade,
    String device,
    Optional<String> where,
    int priority,
    List<ColumnModel> columns,
    List<IndexModel> indexes,
    Optional<ConflictModel> conflicts,
    List<NestedModel> nested) {

  /** An index on the record, by names of components. */
  public record IndexModel(List<String> components) {

    public IndexModel {
      components = List.copyOf(components);
    }
  }

  /**
   * What is expected of edits that meet.
   *
   * @param policy as the settings of a server have it: {@code last-write-wins}
   * @param by a component, or empty
   */
  public record ConflictModel(String policy, String by) {}

  public EntityModel {
    columns = List.copyOf(columns);
    indexes = List.copyOf(indexes);
    nested = List.copyOf(nested);
  }

  public String qualified(String simpleName) {
    return packageName.isEmpty() ? simpleName : packageName + "." + simpleName;
  }

  public String columnsClass() {
    return facade + "Columns";
  }

  public String localClass() {
    return facade + "Local";
  }

  public String electricClass() {
    return facade + "Electric";
  }

  public String mergedClass() {
    return facade + "Merged";
  }

  public String cleanupClass() {
    return facade + "Cleanup";
  }

  /** The constant that has the columns: {@code WORK}. */
  public String constant() {
    return Names.upperSnake(record);
  }

  public List<ColumnModel> key() {
    return columns.stream().filter(ColumnModel::isKey).toList();
  }

  public Optional<ColumnModel> column(String component) {
    return columns.stream().filter(column -> column.component().equals(component)).findFirst();
  }

  public TypeText javaType() {
    return TypeText.of(qualified(recordPath));
  }

  public NestedModel nested(TypeText type) {
    return nested.stream()
        .filter(one -> one.javaType().equals(type))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("a record that was not read: " + type));
  }
}
