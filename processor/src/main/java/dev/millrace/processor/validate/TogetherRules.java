package dev.millrace.processor.validate;

import dev.millrace.processor.model.EntityModel;
import dev.millrace.processor.model.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What may be wrong with entities beside one another. It sees those that are compiled together; a
 * compiler that compiles only what has changed shows it fewer (decision 022).
 */
public final class TogetherRules {

  /** The schema that is meant where none is said. */
  private static final Pattern PUBLIC = Pattern.compile("^\"?public\"?\\.");

  private final Map<String, EntityModel> tables = new HashMap<>();
  private final Map<String, EntityModel> devices = new HashMap<>();

  /** No entity yet. */
  public TogetherRules() {}

  /** What is wrong with a further entity beside those before. */
  public List<Problem> add(EntityModel entity) {
    List<Problem> problems = new ArrayList<>();
    EntityModel sameTable =
        tables.putIfAbsent(PUBLIC.matcher(entity.table()).replaceFirst(""), entity);
    EntityModel sameName = devices.putIfAbsent(entity.device().toLowerCase(Locale.ROOT), entity);
    if (sameTable != null) {
      problems.add(
          new Problem(
              entity.at(),
              "table %s has the record %s already: make one of the two, since writes by one would not be seen by the other"
                  .formatted(entity.table(), sameTable.javaType().name())));
    } else if (sameName != null) {
      problems.add(
          new Problem(
              entity.at(),
              "on the device %s is called '%s' already: say what to call this one, @Synced(table = …, name = \"…\")"
                  .formatted(sameName.javaType().name(), sameName.device())));
    }
    return problems;
  }
}
