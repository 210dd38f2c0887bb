package dev.millrace.annotations;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An index on the device: on a component, of its column; on the record, of the components that it
 * names, in that order.
 */
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.RECORD_COMPONENT, ElementType.TYPE})
@Repeatable(Indexes.class)
public @interface Index {

  /** Names of components; on a component none. */
  String[] value() default {};
}
