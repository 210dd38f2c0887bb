package dev.millrace.annotations;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An array column that is a set, in Java a {@code Set}: what each user adds or removes is added or
 * removed, whoever else changes it. The server has to know it too ({@code union} in {@code
 * millrace.yaml}); {@code millrace check-schema} says whether it does.
 */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.RECORD_COMPONENT)
public @interface SetOf {}
