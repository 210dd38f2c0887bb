/** Filters: what it costs that there are many, and what it costs to evaluate one. */
@NullMarked
package dev.millrace.bench.filters;

import org.jspecify.annotations.NullMarked;
