package dev.millrace.processor.model;

import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.Modifier;
import org.jspecify.annotations.Nullable;

/** Who can name a type, which those around it decide too. */
public final class Reach {

  private Reach() {}

  /** Whether other classes of its package cannot. */
  public static boolean isHidden(Element type) {
    return withOuter(type).anyMatch(has(Modifier.PRIVATE));
  }

  /** Whether everybody can. */
  public static boolean isPublic(Element type) {
    return withOuter(type).allMatch(has(Modifier.PUBLIC));
  }

  /** Whether it is of no instance of a type around it. */
  public static boolean isStatic(Element type) {
    Element outer = type.getEnclosingElement();
    return outer == null || !isType(outer) || has(Modifier.STATIC).test(type);
  }

  private static Predicate<Element> has(Modifier modifier) {
    return type -> type.getModifiers().contains(modifier);
  }

  private static Stream<Element> withOuter(Element type) {
    Stream.Builder<Element> all = Stream.builder();
    @Nullable Element one = type;
    while (one != null && isType(one)) {
      all.add(one);
      one = one.getEnclosingElement();
    }
    return all.build();
  }

  private static boolean isType(Element element) {
    return element.getKind().isClass() || element.getKind().isInterface();
  }
}
