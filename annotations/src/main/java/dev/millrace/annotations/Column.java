package dev.millrace.annotations;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a column is called, who fills it, and how its values are stored; on a component of a nested
 * record, the name of the member in JSON.
 */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.RECORD_COMPONENT)
public @interface Column {

  /** Its name on the server; the component's in snake case unless set. */
  String value() default "";

  /**
   * Whether the server fills it where a new row leaves it out. The component may then be null,
   * until the server's row comes, though the column never is.
   */
  boolean hasDefault() default false;

  /** Makes of values of a type that the store does not know such that it knows. */
  @SuppressWarnings("rawtypes")
  Class<? extends Converter> converter() default Converter.class;
}
