package dev.millrace.bench.run;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** Measured values in the order they were measured. Immutable. */
public final class Values {
  private final double[] values;

  private Values(double[] values) {
    this.values = values;
  }

  public static Values of(DoubleStream values) {
    double[] all = values.toArray();
    if (all.length == 0) {
      throw new IllegalArgumentException("no values");
    }
    return new Values(all);
  }

  public static Values of(Collection<Double> values) {
    return of(values.stream().mapToDouble(Double::doubleValue));
  }

  /** The middle one; of an even number the mean of the two in the middle. */
  public double median() {
    double[] sorted = sorted();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The smallest value that at least this share of all, between 0 and 1, does not exceed. */
  public double quantile(double share) {
    return sorted()[(int) Math.max(0, Math.ceil(share * values.length) - 1)];
  }

  public double largest() {
    return quantile(1);
  }

  /** How many are below zero. */
  public long negatives() {
    return Arrays.stream(values).filter(value -> value < 0).count();
  }

  private double[] sorted() {
    return Arrays.stream(values).sorted().toArray();
  }

  /** All of them, in order. */
  public String list(DoubleFunction<String> format) {
    return Arrays.stream(values).mapToObj(format).collect(Collectors.joining("  "));
  }

  /** A rate, rounded. */
  public static String whole(double value) {
    return whole(Math.round(value));
  }

  /** A count. */
  public static String whole(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Two digits after the point. */
  public static String decimal(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
