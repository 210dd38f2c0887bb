/**
 * What may be wrong with a record, each rule on its own. Read first {@link
 * dev.millrace.processor.validate.EntityRules}. A rule says what is wrong and what to do about it.
 */
@NullMarked
package dev.millrace.processor.validate;

import org.jspecify.annotations.NullMarked;
