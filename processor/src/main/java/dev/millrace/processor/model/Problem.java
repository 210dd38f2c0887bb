package dev.millrace.processor.model;

import javax.lang.model.element.Element;

/**
 * Something that is wrong with a record.
 *
 * @param at what is wrong
 * @param text why, and what to do
 */
public record Problem(Element at, String text) {}
