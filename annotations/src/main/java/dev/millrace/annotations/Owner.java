package dev.millrace.annotations;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The column that holds whose row it is, a {@code UUID} or {@code String}; at most one. Left null
 * in a new row it is filled with the user's id, or the guest's, which becomes the user's when the
 * guest signs in.
 */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.RECORD_COMPONENT)
public @interface Owner {}
