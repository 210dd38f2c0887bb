/**
 * What the annotation processor costs when an application is compiled. Read {@link
 * dev.millrace.bench.processor.ProcessorBench}.
 */
@NullMarked
package dev.millrace.bench.processor;

import org.jspecify.annotations.NullMarked;
