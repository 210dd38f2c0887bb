package dev.millrace.annotations;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What the application expects to become of edits of a row that somebody else has changed
 * meanwhile. The server decides, by its {@code millrace.yaml}; {@code millrace check-schema} says
 * whether it decides so, and what to write there.
 */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Conflicts {

  Policy value();

  /**
   * A component: for {@link Policy#LAST_WRITE_WINS} the time of the edit, for {@link
   * Policy#KEEP_BOTH} the text that tells people which row is which.
   */
  String by() default "";

  /** As {@code millrace.yaml} has them, in lower case with hyphens. */
  enum Policy {
    /** Column by column; where both changed the same one the later arrival wins. */
    MERGE_FIELDS,
    /** The later edit wins whole. */
    LAST_WRITE_WINS,
    /** The edit is rejected. */
    REJECT_STALE,
    /** Both stay, the edit as a second row. */
    KEEP_BOTH
  }
}
