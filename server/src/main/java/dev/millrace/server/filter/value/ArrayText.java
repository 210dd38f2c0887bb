package dev.millrace.server.filter.value;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text form of arrays as Postgres prints it: {@code {1,NULL,"a b"}}, {@code {{1,2},{3,4}}},
 * {@code [0:1]={1,2}}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO">Array input and
 *     output syntax</a>
 */
final class ArrayText {

  private final String text;
  private final Type element;
  private final List<@Nullable Object> elements = new ArrayList<>();
  private final List<Integer> lengths = new ArrayList<>();
  private int at;

  private ArrayText(String text, Type element) {
    this.text = text;
    this.element = element;
  }

  static ArrayValue parse(String text, Type element) {
    return new ArrayText(text, element).array();
  }

  private ArrayValue array() {
    int[] declaredBounds = bounds();
    braces(0);
    if (elements.isEmpty()) {
      return ArrayValue.EMPTY;
    }
    int[] lowerBounds = new int[lengths.size()];
    for (int i = 0; i < lowerBounds.length; i++) {
      lowerBounds[i] = i < declaredBounds.length ? declaredBounds[i] : 1;
    }
    return new ArrayValue(
        elements.toArray(), lengths.stream().mapToInt(Integer::intValue).toArray(), lowerBounds);
  }

  private int[] bounds() {
    if (text.charAt(0) != '[') {
      return new int[0];
    }
    int end = text.indexOf('=');
    String[] declared = text.substring(1, end - 1).split("\\]\\[", -1);
    int[] lower = new int[declared.length];
    for (int i = 0; i < lower.length; i++) {
      lower[i] = Integer.parseInt(declared[i].substring(0, declared[i].indexOf(':')));
    }
    at = end + 1;
    return lower;
  }

  private void braces(int dimension) {
    at++;
    int count = 0;
    while (text.charAt(at) != '}') {
      if (text.charAt(at) == ',') {
        at++;
      }
      if (text.charAt(at) == '{') {
        braces(dimension + 1);
      } else {
        elements.add(element());
      }
      count++;
    }
    at++;
    while (lengths.size() <= dimension) {
      lengths.add(0);
    }
    lengths.set(dimension, count);
  }

  private @Nullable Object element() {
    if (text.charAt(at) == '"') {
      return TextForm.parse(element, quoted());
    }
    int start = at;
    while (text.charAt(at) != ',' && text.charAt(at) != '}') {
      at++;
    }
    String plain = text.substring(start, at);
    return plain.equals("NULL") ? null : TextForm.parse(element, plain);
  }

  private String quoted() {
    StringBuilder out = new StringBuilder();
    for (at++; text.charAt(at) != '"'; at++) {
      if (text.charAt(at) == '\\') {
        at++;
      }
      out.append(text.charAt(at));
    }
    at++;
    return out.toString();
  }

  static String print(ArrayValue array, Type element) {
    if (array.dimensions() == 0) {
      return "{}";
    }
    StringBuilder out = new StringBuilder();
    printBounds(out, array);
    printFrom(out, array, element, 0, 0);
    return out.toString();
  }

  private static void printBounds(StringBuilder out, ArrayValue array) {
    boolean isPlain = true;
    for (int bound : array.lowerBounds()) {
      isPlain &= bound == 1;
    }
    if (!isPlain) {
      for (int i = 0; i < array.dimensions(); i++) {
        int lower = array.lowerBounds()[i];
        out.append('[')
            .append(lower)
            .append(':')
            .append(lower + array.lengths()[i] - 1)
            .append(']');
      }
      out.append('=');
    }
  }

  private static void printFrom(
      StringBuilder out, ArrayValue array, Type element, int dimension, int base) {
    out.append('{');
    int length = array.lengths()[dimension];
    for (int i = 0; i < length; i++) {
      out.append(i == 0 ? "" : ",");
      int index = base * length + i;
      if (dimension < array.dimensions() - 1) {
        printFrom(out, array, element, dimension + 1, index);
      } else {
        Object value = array.elements()[index];
        out.append(value == null ? "NULL" : quotedIfNeeded(TextForm.print(element, value)));
      }
    }
    out.append('}');
  }

  private static String quotedIfNeeded(String text) {
    boolean isPlain = !text.isEmpty() && !text.equalsIgnoreCase("null");
    for (int i = 0; i < text.length(); i++) {
      isPlain &= "{}\",\\ \t\n\r\u000b\f".indexOf(text.charAt(i)) < 0;
    }
    return isPlain ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
