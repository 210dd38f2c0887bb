package dev.millrace.annotations;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A record whose rows are kept on the device and synced with a table. For {@code @Synced(table =
 * "works") record Work(…)} the compiler writes {@code Works}, which an application uses, and behind
 * it {@code WorksColumns}, {@code WorksLocal}, {@code WorksElectric}, {@code WorksMerged} and
 * {@code WorksCleanup}, all in the record's package.
 *
 * <p>A component is a column of the same name in snake case ({@code createdAt}: {@code
 * created_at}). It holds a value always, unless it is an {@code Optional} or marked
 * {@code @Nullable}.
 */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Synced {

  /** The table on the server: {@code works} or {@code schema.works}. */
  String table();

  /** The name of the class that an application uses; that of the table unless set. */
  String name() default "";

  /** Which rows, as a condition on the server; all that the user may see unless set. */
  String where() default "";

  /** Entities of a lower one are synced first. */
  int priority() default 0;
}
