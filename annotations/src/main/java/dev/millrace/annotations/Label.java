package dev.millrace.annotations;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the database has for a constant of an enum; its name in lower case unless set. */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.FIELD)
public @interface Label {

  String value();
}
