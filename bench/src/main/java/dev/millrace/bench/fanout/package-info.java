/**
 * How soon the last of thousands of clients has a change ({@link
 * dev.millrace.bench.fanout.FanoutBench}), beside a bare server of the same HTTP library that sends
 * the same bytes to as many.
 */
@NullMarked
package dev.millrace.bench.fanout;

import org.jspecify.annotations.NullMarked;
