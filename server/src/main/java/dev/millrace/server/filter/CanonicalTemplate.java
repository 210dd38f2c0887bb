package dev.millrace.server.filter;

import dev.millrace.server.filter.Lifted.Constant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition in canonical form with gaps for its constants. Immutable.
 *
 * <p>It comes of holding two prints of Postgres against each other: that of the condition as it
 * stands, and that with NULLs in place of its constants. They differ in the constants alone.
 *
 * @param text what stands around the gaps, one piece more than there are gaps
 * @param readsDates whether texts become dates when it is evaluated, so that a text such as {@code
 *     now} is no constant
 */
record CanonicalTemplate(List<String> text, List<Gap> gaps, boolean readsDates) {

  private static final String NULL = "NULL::";

  private static final String NAME = "(?:\"(?:[^\"]|\"\")+\"|[a-z_][a-z0-9_$]*)";

  /** How Postgres' {@code format_type} writes a type. */
  private static final Pattern TYPE =
      Pattern.compile(
          "(?:bit varying|character varying|double precision"
              + "|(?:timestamp|time)(?:\\([0-9]\\))? with(?:out)? time zone"
              + "|interval(?: (?:year|month|day|hour|minute|second)"
              + "(?: to (?:month|hour|minute|second))?)?"
              + "|NAME(?:\\.NAME)?)(?:\\([-0-9,]+\\))?(?:\\[\\])*".replace("NAME", NAME));

  /** A constant without its type. */
  private static final Pattern CONSTANT =
      Pattern.compile("'((?:[^']|'')*+)'|([0-9]+(?:\\.[0-9]*)?)|(t)rue|(f)alse");

  CanonicalTemplate {
    text = List.copyOf(text);
    gaps = List.copyOf(gaps);
  }

  /**
   * The place of a constant.
   *
   * @param constant its number less one
   * @param type as it is printed
   * @param plainType the same without length or precision, which Postgres applies to the constant
   */
  record Gap(int constant, String type, String plainType) {

    Reading reading(List<Constant> constants) {
      return new Reading(constant, plainType, constants.get(constant).value());
    }

    /** As {@code get_const_expr} prints it, in Postgres' {@code ruleutils.c}. */
    private String print(String value) {
      boolean isUnsigned = !value.isEmpty() && value.charAt(0) >= '0' && value.charAt(0) <= '9';
      if (type.equals("unknown")) {
        return SqlString.literal(value);
      } else if (plainType.equals("boolean")) {
        return value.equals("t") ? "true" : "false";
      } else if (plainType.equals("integer") && isUnsigned) {
        return value;
      } else if (plainType.equals("numeric") && isUnsigned && value.contains(".")) {
        return type.equals("numeric") ? value : withType(value);
      }
      return withType(SqlString.literal(value));
    }

    private String withType(String constant) {
      return constant + "::" + type;
    }
  }

  /** A constant as a type reads it: two gaps can have one constant and different types. */
  record Reading(int constant, String type, String text) {}

  /** A place where two prints differ: a constant in the one, the NULL of a type in the other. */
  record Difference(String type, String value) {}

  /** Two prints of Postgres that differ in constants only. */
  record Comparison(List<String> text, List<Difference> differences) {

    /** Empty if they differ in anything else. */
    static Optional<Comparison> of(String direct, String withNulls) {
      List<String> text = new ArrayList<>();
      List<Difference> differences = new ArrayList<>();
      Matcher type = TYPE.matcher(withNulls);
      Matcher constant = CONSTANT.matcher(direct);
      char quote = 0;
      int copied = 0;
      int at = 0;
      int inDirect = 0;
      while (at < withNulls.length()) {
        boolean isGap =
            quote == 0 && withNulls.startsWith(NULL, at) && !direct.startsWith(NULL, inDirect);
        if (isGap) {
          if (!type.region(at + NULL.length(), withNulls.length()).lookingAt()
              || !constant.region(inDirect, direct.length()).lookingAt()) {
            return Optional.empty();
          }
          text.add(withNulls.substring(copied, at));
          differences.add(new Difference(type.group(), value(constant)));
          at = type.end();
          copied = at;
          inDirect = constant.end();
          String label = "::" + type.group();
          inDirect += direct.startsWith(label, inDirect) ? label.length() : 0;
          continue;
        }
        char c = withNulls.charAt(at);
        if (inDirect == direct.length() || direct.charAt(inDirect) != c) {
          return Optional.empty();
        }
        boolean opensOrCloses = quote == 0 ? c == '\'' || c == '"' : c == quote;
        if (opensOrCloses) {
          quote = quote == 0 ? c : 0;
        }
        at++;
        inDirect++;
      }
      text.add(withNulls.substring(copied));
      return inDirect == direct.length()
          ? Optional.of(new Comparison(text, differences))
          : Optional.empty();
    }

    private static String value(Matcher constant) {
      for (int group = 1; group <= constant.groupCount(); group++) {
        if (constant.group(group) != null) {
          return constant.group(group).replace("''", "'");
        }
      }
      throw new IllegalStateException(constant.pattern() + " matched nothing");
    }
  }

  /** What is read of the constants, each once. */
  List<Reading> readings(List<Constant> constants) {
    return gaps.stream().map(gap -> gap.reading(constants)).distinct().toList();
  }

  /**
   * The condition with constants in its gaps; only the beginning if it is too long for a filter.
   *
   * @param values what Postgres makes of them
   */
  String print(List<Constant> constants, Map<Reading, String> values) {
    StringBuilder printed = new StringBuilder(text.getFirst());
    for (int i = 0; i < gaps.size(); i++) {
      Gap gap = gaps.get(i);
      printed.append(gap.print(value(gap.reading(constants), values))).append(text.get(i + 1));
      if (printed.length() > Filter.MOST_CHARACTERS) {
        break;
      }
    }
    return printed.toString();
  }

  private static String value(Reading reading, Map<Reading, String> values) {
    return Objects.requireNonNull(values.get(reading), () -> "no value of " + reading);
  }
}
