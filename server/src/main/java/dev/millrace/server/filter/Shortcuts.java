package dev.millrace.server.filter;

import dev.millrace.server.filter.Expression.ScalarArray;
import dev.millrace.server.filter.value.ArrayValue;
import dev.millrace.server.filter.value.CaseFolding;
import dev.millrace.server.filter.value.Collation;
import dev.millrace.server.filter.value.Like;
import dev.millrace.server.filter.value.TextForm;
import dev.millrace.server.filter.value.Type;
import dev.millrace.server.postgres.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The conditions that most filters consist of, on the bytes of the row: they allocate nothing. Each
 * gives what the general way gives; null where it does not apply.
 */
final class Shortcuts {

  private Shortcuts() {}

  static @Nullable Term find(String operator, List<Term> operands, Collation collation) {
    if (operands.size() != 2
        || operands.get(0).column() < 0
        || operands.get(1).constant() == null) {
      return null;
    }
    Term column = operands.get(0);
    Term constant = operands.get(1);
    return switch (operator) {
      case "=" -> equality(column, constant, true);
      case "<>" -> equality(column, constant, false);
      case "~~" -> like(column, constant, null, true);
      case "!~~" -> like(column, constant, null, false);
      case "~~*" -> like(column, constant, collation.folding(), true);
      case "!~~*" -> like(column, constant, collation.folding(), false);
      default -> null;
    };
  }

  private static boolean haveSameTexts(Type a, Type b) {
    return a.hasOneTextPerValue() && (a.equals(b) || (a.isInteger() && b.isInteger()));
  }

  private static @Nullable Term equality(Term column, Term constant, boolean wanted) {
    Object value = constant.constant();
    if (value == null || !haveSameTexts(column.type(), constant.type())) {
      return null;
    }
    int index = column.column();
    byte[] bytes = TextForm.print(constant.type(), value).getBytes(StandardCharsets.UTF_8);
    return Term.bool(row -> {
      Tuple source = row.source(index);
      int place = row.place(index);
      if (source.isNull(place)) {
        return null;
      }
      int start = source.start(place);
      int end = start + source.length(place);
      return java.util.Arrays.equals(source.bytes(), start, end, bytes, 0, bytes.length) == wanted;
    });
  }

  private static @Nullable Term like(
      Term column, Term constant, @Nullable CaseFolding folding, boolean wanted) {
    if (!column.type().equals(Type.TEXT) || !(constant.constant() instanceof String pattern)) {
      return null;
    }
    Like.Part part = Like.part(folding == null ? pattern : folding.lower(pattern));
    if (part == null) {
      return null;
    }
    int index = column.column();
    if (folding != null) {
      return Term.bool(row -> {
        if (row.isNull(index)) {
          return null;
        }
        byte[] text = row.folded(index, folding);
        return part.isIn(text, 0, text.length) == wanted;
      });
    }
    return Term.bool(row -> {
      Tuple source = row.source(index);
      int place = row.place(index);
      return source.isNull(place)
          ? null
          : part.isIn(source.bytes(), source.start(place), source.length(place)) == wanted;
    });
  }

  /** {@code column = ANY (constants)}. */
  static @Nullable Term membership(ScalarArray expression, Term left, Term array) {
    boolean applies =
        expression.operator().equals("=")
            && expression.isAny()
            && array.constant() instanceof ArrayValue all
            && all.elements().length > 0
            && haveSameTexts(left.type(), array.type().element());
    if (!applies || !(array.constant() instanceof ArrayValue all)) {
      return null;
    }
    Set<Object> wanted = new HashSet<>();
    boolean hasNull = false;
    for (Object element : all.elements()) {
      if (element == null) {
        hasNull = true;
      } else {
        wanted.add(element);
      }
    }
    Boolean otherwise = hasNull ? null : Boolean.FALSE;
    Evaluator leftValue = left.evaluator();
    return Term.bool(row -> {
      Object value = leftValue.value(row);
      if (value == null) {
        return null;
      }
      return wanted.contains(value) ? Boolean.TRUE : otherwise;
    });
  }
}
