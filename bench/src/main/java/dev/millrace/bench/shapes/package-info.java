/**
 * How fast shapes are made for many clients ({@link dev.millrace.bench.shapes.ShapesBench}): one
 * shape for all at once, beside a static file, and many shapes, beside COPY.
 */
@NullMarked
package dev.millrace.bench.shapes;

import org.jspecify.annotations.NullMarked;
