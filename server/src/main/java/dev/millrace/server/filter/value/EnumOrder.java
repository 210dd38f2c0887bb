package dev.millrace.server.filter.value;

import java.util.List;
import java.util.function.Supplier;

/**
 * The order of an enum's labels, as it was when last read. Labels are added now and then, between
 * others even, but never reordered: one that is not there means that the order has to be read
 * again. Any thread.
 */
public final class EnumOrder {

  private final Supplier<List<String>> reader;
  private volatile List<String> labels;

  /**
   * An order.
   *
   * @param labels all there are now, in their order
   * @param reader reads them again; blocks
   */
  public EnumOrder(List<String> labels, Supplier<List<String>> reader) {
    this.reader = reader;
    this.labels = List.copyOf(labels);
  }

  int compare(String a, String b) {
    List<String> known = labels;
    int placeOfA = known.indexOf(a);
    int placeOfB = known.indexOf(b);
    if (placeOfA < 0 || placeOfB < 0) {
      known = List.copyOf(reader.get());
      labels = known;
      placeOfA = known.indexOf(a);
      placeOfB = known.indexOf(b);
    }
    return Integer.compare(placeOfA, placeOfB);
  }

  /** Whether it is a label of the enum. */
  boolean has(String label) {
    if (!labels.contains(label)) {
      labels = List.copyOf(reader.get());
    }
    return labels.contains(label);
  }

  List<String> labels() {
    return labels;
  }
}
