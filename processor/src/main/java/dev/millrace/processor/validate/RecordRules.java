package dev.millrace.processor.validate;

import dev.millrace.processor.model.Problem;
import dev.millrace.processor.model.Reach;
import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.TypeElement;

/** What a type must be to be read as a record at all. */
public final class RecordRules {

  private RecordRules() {}

  public static List<Problem> check(TypeElement type) {
    List<Problem> problems = new ArrayList<>();
    if (type.getKind() != ElementKind.RECORD) {
      problems.add(
          new Problem(
              type,
              "@Synced stands on a record: write `record %s(…)` with a component for each column"
                  .formatted(type.getSimpleName())));
      return problems;
    }
    if (!type.getTypeParameters().isEmpty()) {
      problems.add(
          new Problem(
              type,
              "a synced record has no type parameters: the types of its columns must be known"));
    }
    if (Reach.isHidden(type)) {
      problems.add(
          new Problem(
              type,
              "%s is private, and what is written for it could not see it: make it visible in its package"
                  .formatted(type.getSimpleName())));
    }
    return problems;
  }
}
