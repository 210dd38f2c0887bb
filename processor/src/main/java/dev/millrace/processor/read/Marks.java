package dev.millrace.processor.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeMirror;

/**
 * An annotation as it stands on an element. Read from the compiler's view of it and not from the
 * annotation's class, which may name classes that do not exist yet.
 */
record Marks(Map<? extends ExecutableElement, ? extends AnnotationValue> values) {

  private static final String PACKAGE = "dev.millrace.annotations.";
  static final String SYNCED = PACKAGE + "Synced";
  static final String KEY = PACKAGE + "Key";
  static final String OWNER = PACKAGE + "Owner";
  static final String COLUMN = PACKAGE + "Column";
  static final String SET_OF = PACKAGE + "SetOf";
  static final String LOCAL = PACKAGE + "Local";
  static final String INDEX = PACKAGE + "Index";
  static final String INDEXES = PACKAGE + "Indexes";
  static final String CONFLICTS = PACKAGE + "Conflicts";
  static final String LABEL = PACKAGE + "Label";
  static final String CONVERTER = PACKAGE + "Converter";

  /** The annotation of that name, if there is one. */
  static Optional<Marks> of(Element element, String annotation) {
    return element.getAnnotationMirrors().stream()
        .filter(mirror -> isNamed(mirror, annotation))
        .map(mirror -> new Marks(mirror.getElementValues()))
        .findFirst();
  }

  static boolean isOn(Element element, String annotation) {
    return of(element, annotation).isPresent();
  }

  private static boolean isNamed(AnnotationMirror mirror, String annotation) {
    return ((TypeElement) mirror.getAnnotationType().asElement())
        .getQualifiedName()
        .contentEquals(annotation);
  }

  private Optional<AnnotationValue> value(String name) {
    return values.entrySet().stream()
        .filter(entry -> entry.getKey().getSimpleName().contentEquals(name))
        .<AnnotationValue>map(Map.Entry::getValue)
        .findFirst();
  }

  /** Empty where nothing is said. */
  String text(String name) {
    return value(name).map(found -> String.valueOf(found.getValue())).orElse("");
  }

  int number(String name) {
    return value(name).map(found -> (Integer) found.getValue()).orElse(0);
  }

  boolean isTrue(String name) {
    return value(name).map(found -> (Boolean) found.getValue()).orElse(false);
  }

  /** The name of an enum's constant. */
  String constant(String name) {
    return value(name)
        .map(found ->
            found.getValue() instanceof VariableElement constant
                ? constant.getSimpleName().toString()
                : "")
        .orElse("");
  }

  Optional<TypeMirror> type(String name) {
    return value(name)
        .flatMap(found ->
            found.getValue() instanceof TypeMirror type ? Optional.of(type) : Optional.empty());
  }

  List<String> texts(String name) {
    return items(name).stream().map(item -> String.valueOf(item.getValue())).toList();
  }

  /** Annotations within. */
  List<Marks> within(String name) {
    List<Marks> found = new ArrayList<>();
    for (AnnotationValue item : items(name)) {
      if (item.getValue() instanceof AnnotationMirror mirror) {
        found.add(new Marks(mirror.getElementValues()));
      }
    }
    return found;
  }

  private List<AnnotationValue> items(String name) {
    List<AnnotationValue> found = new ArrayList<>();
    if (value(name).map(AnnotationValue::getValue).orElse(List.of()) instanceof List<?> list) {
      list.forEach(item -> found.add((AnnotationValue) item));
    }
    return found;
  }
}
