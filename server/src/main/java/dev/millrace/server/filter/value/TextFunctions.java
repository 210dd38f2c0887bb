package dev.millrace.server.filter.value;

import static dev.millrace.server.filter.value.Functions.integer;
import static dev.millrace.server.filter.value.Functions.text;
import static dev.millrace.server.filter.value.Functions.value;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Functions on texts and bytes; those on patterns are {@link Patterns}. */
final class TextFunctions {

  /** Of what a constant asks for: longer results are left to Postgres. */
  private static final int MOST_REPEATED = 10_000;

  private static final int MOST_CONCATENATED = 12;

  /** Longer results than this are errors; Postgres' own bound is 1 GB. */
  private static final int MOST_CHARACTERS = 256 << 20;

  private TextFunctions() {}

  static void addTo(Functions functions) {
    addLengths(functions);
    addCase(functions);
    addParts(functions);
    addTrims(functions);
    addSearch(functions);
    addConcatenation(functions);
    addPadding(functions);
    addCharacters(functions);
    addBytes(functions);
  }

  /** Adds one that compares texts by their bytes, as all deterministic collations do. */
  private static void bytewise(Functions functions, String signature, Routine routine) {
    functions.make(signature, site -> site.collation().isDeterministic() ? routine : null);
  }

  private static void addLengths(Functions functions) {
    for (String name : List.of("length", "char_length", "character_length")) {
      functions.add(name + "(text) int4", a -> (long) Utf8.length(text(a, 0)));
      functions.add(
          name + "(bpchar) int4", a -> (long) Utf8.length(Utf8.withoutPadding(text(a, 0))));
    }
    functions.add("octet_length(text) int4", a -> (long) Utf8.bytes(text(a, 0)).length);
    functions.add("octet_length(bpchar) int4", a -> (long) Utf8.bytes(text(a, 0)).length);
    functions.add("bit_length(text) int4", a -> 8L * Utf8.bytes(text(a, 0)).length);
  }

  private static void addCase(Functions functions) {
    functions.make("lower(text) text", site -> folded(site, CaseFolding::lower));
    functions.make("upper(text) text", site -> folded(site, CaseFolding::upper));
  }

  private static @Nullable Routine folded(
      CallSite site, BiFunction<CaseFolding, String, String> way) {
    CaseFolding folding = site.collation().folding();
    return folding == null ? null : a -> way.apply(folding, text(a, 0));
  }

  private static void addParts(Functions functions) {
    for (String name : List.of("substring", "substr")) {
      functions.add(
          name + "(text,int4) text",
          a -> Utf8.substring(text(a, 0), Math.max(integer(a, 1) - 1, 0), Integer.MAX_VALUE));
      functions.add(
          name + "(text,int4,int4) text", a -> substring(text(a, 0), integer(a, 1), integer(a, 2)));
    }
    functions.add("left(text,int4) text", a -> left(text(a, 0), integer(a, 1)));
    functions.add("right(text,int4) text", a -> right(text(a, 0), integer(a, 1)));
    bytewise(
        functions,
        "split_part(text,text,int4) text",
        a -> splitPart(text(a, 0), text(a, 1), integer(a, 2)));
  }

  private static String substring(String text, long start, long length) {
    if (length < 0) {
      throw new EvaluationException("negative substring length not allowed");
    }
    long end = start + length;
    return end < 1 ? "" : Utf8.substring(text, Math.max(start, 1) - 1, end - 1);
  }

  private static String left(String text, long count) {
    return text.substring(0, Utf8.offset(text, count < 0 ? Utf8.length(text) + count : count));
  }

  private static String right(String text, long count) {
    if (count == Integer.MIN_VALUE) {
      return text; // Postgres negates it, which leaves it as it is
    }
    return text.substring(Utf8.offset(text, count < 0 ? -count : Utf8.length(text) - count));
  }

  private static String splitPart(String text, String separator, long number) {
    if (number == 0) {
      throw new EvaluationException("field position must not be zero");
    }
    if (separator.isEmpty() || text.isEmpty()) {
      return Math.abs(number) == 1 ? text : "";
    }
    int start = 0;
    long fields = count(text, separator) + 1;
    long wanted = number < 0 ? fields + number : number - 1;
    if (wanted < 0 || wanted >= fields) {
      return "";
    }
    for (long i = 0; i < wanted; i++) {
      start = text.indexOf(separator, start) + separator.length();
    }
    int end = text.indexOf(separator, start);
    return text.substring(start, end < 0 ? text.length() : end);
  }

  private static long count(String text, String part) {
    long count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return count;
  }

  private static void addTrims(Functions functions) {
    functions.add("btrim(text) text", a -> trim(text(a, 0), " ", true, true));
    functions.add("ltrim(text) text", a -> trim(text(a, 0), " ", true, false));
    functions.add("rtrim(text) text", a -> trim(text(a, 0), " ", false, true));
    functions.add("btrim(text,text) text", a -> trim(text(a, 0), text(a, 1), true, true));
    functions.add("ltrim(text,text) text", a -> trim(text(a, 0), text(a, 1), true, false));
    functions.add("rtrim(text,text) text", a -> trim(text(a, 0), text(a, 1), false, true));
  }

  private static String trim(String text, String characters, boolean atStart, boolean atEnd) {
    int start = 0;
    int end = text.length();
    while (atStart && start < end && characters.indexOf(text.codePointAt(start)) >= 0) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (atEnd && end > start && characters.indexOf(text.codePointBefore(end)) >= 0) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  private static void addSearch(Functions functions) {
    for (String name : List.of("strpos", "position")) {
      bytewise(functions, name + "(text,text) int4", a -> position(text(a, 0), text(a, 1)));
    }
    bytewise(functions, "starts_with(text,text) bool", a -> text(a, 0).startsWith(text(a, 1)));
    bytewise(functions, "^@(text,text) bool", a -> text(a, 0).startsWith(text(a, 1)));
    bytewise(
        functions,
        "replace(text,text,text) text",
        a -> replace(text(a, 0), text(a, 1), text(a, 2)));
    functions.add(
        "translate(text,text,text) text", a -> translate(text(a, 0), text(a, 1), text(a, 2)));
  }

  private static Long position(String text, String part) {
    int at = text.indexOf(part);
    return at < 0 ? 0L : text.codePointCount(0, at) + 1L;
  }

  private static String replace(String text, String from, String to) {
    if (from.isEmpty()) {
      return text;
    }
    requireBearable(text.length() + count(text, from) * to.length());
    return text.replace(from, to);
  }

  private static void requireBearable(long characters) {
    if (characters > MOST_CHARACTERS) {
      throw new EvaluationException("requested length too large");
    }
  }

  private static String translate(String text, String from, String to) {
    int[] wanted = from.codePoints().toArray();
    int[] given = to.codePoints().toArray();
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(character -> {
          int place = indexOf(wanted, character);
          if (place < 0) {
            out.appendCodePoint(character);
          } else if (place < given.length) {
            out.appendCodePoint(given[place]);
          }
        });
    return out.toString();
  }

  private static int indexOf(int[] characters, int wanted) {
    for (int i = 0; i < characters.length; i++) {
      if (characters[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static void addConcatenation(Functions functions) {
    functions.add("||(text,text) text", a -> joined(text(a, 0), text(a, 1)));
    functions.add("textcat(text,text) text", a -> joined(text(a, 0), text(a, 1)));
    functions.make("||(text,any) text", site -> a -> joined(text(a, 0), printed(site, a, 1)));
    functions.make("||(any,text) text", site -> a -> joined(printed(site, a, 0), text(a, 1)));
    for (int count = 1; count <= MOST_CONCATENATED; count++) {
      String any = String.join(",", Collections.nCopies(count, "any"));
      functions.lenient("concat(" + any + ") text", site -> a -> concat(site, a, 0, ""));
      functions.lenient(
          "concat_ws(text," + any + ") text",
          site -> a -> a[0] == null ? null : concat(site, a, 1, text(a, 0)));
    }
  }

  private static String joined(String a, String b) {
    requireBearable((long) a.length() + b.length());
    return a + b;
  }

  private static String printed(CallSite site, @Nullable Object[] arguments, int place) {
    return TextForm.print(site.types().get(place), value(arguments, place));
  }

  private static String concat(
      CallSite site, @Nullable Object[] arguments, int from, String separator) {
    StringBuilder out = new StringBuilder();
    boolean isFirst = true;
    for (int i = from; i < arguments.length; i++) {
      if (arguments[i] != null) {
        out.append(isFirst ? "" : separator).append(printed(site, arguments, i));
        isFirst = false;
      }
    }
    requireBearable(out.length());
    return out.toString();
  }

  private static void addPadding(Functions functions) {
    functions.make(
        "repeat(text,int4) text",
        site -> site.isSmall(1, MOST_REPEATED) ? a -> repeated(text(a, 0), integer(a, 1)) : null);
    for (boolean isLeft : new boolean[] {true, false}) {
      String name = isLeft ? "lpad" : "rpad";
      functions.make(
          name + "(text,int4) text",
          site ->
              site.isSmall(1, MOST_REPEATED)
                  ? a -> padded(text(a, 0), integer(a, 1), " ", isLeft)
                  : null);
      functions.make(
          name + "(text,int4,text) text",
          site ->
              site.isSmall(1, MOST_REPEATED)
                  ? a -> padded(text(a, 0), integer(a, 1), text(a, 2), isLeft)
                  : null);
    }
  }

  private static String repeated(String text, long count) {
    requireBearable(text.length() * Math.max(0, count));
    return text.repeat((int) Math.max(0, count));
  }

  private static String padded(String text, long length, String filling, boolean isLeft) {
    long missing = Math.max(0, length) - Utf8.length(text);
    if (missing <= 0) {
      return Utf8.substring(text, 0, Math.max(0, length));
    }
    if (filling.isEmpty()) {
      return text;
    }
    StringBuilder padding = new StringBuilder();
    int[] characters = filling.codePoints().toArray();
    for (int i = 0; i < missing; i++) {
      padding.appendCodePoint(characters[i % characters.length]);
    }
    return isLeft ? padding + text : text + padding;
  }

  private static void addCharacters(Functions functions) {
    functions.add("ascii(text) int4", a -> text(a, 0).isEmpty() ? 0L : first(text(a, 0)));
    functions.add("chr(int4) text", a -> character(integer(a, 0)));
    functions.add("reverse(text) text", a -> new StringBuilder(text(a, 0)).reverse().toString());
    functions.add("md5(text) text", a -> md5(Utf8.bytes(text(a, 0))));
    functions.add("md5(bytea) text", a -> md5(((Bytes) value(a, 0)).bytes()));
  }

  private static Long first(String text) {
    return (long) text.codePointAt(0);
  }

  private static String character(long code) {
    boolean isCharacter =
        code > 0
            && code <= Character.MAX_CODE_POINT
            && (code < Character.MIN_SURROGATE || code > Character.MAX_SURROGATE);
    if (!isCharacter) {
      throw new EvaluationException("requested character not valid for encoding");
    }
    return Character.toString((int) code);
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void addBytes(Functions functions) {
    functions.add("length(bytea) int4", a -> (long) ((Bytes) value(a, 0)).bytes().length);
    functions.add("octet_length(bytea) int4", a -> (long) ((Bytes) value(a, 0)).bytes().length);
    functions.add("||(bytea,bytea) bytea", a -> joined((Bytes) value(a, 0), (Bytes) value(a, 1)));
  }

  private static Bytes joined(Bytes a, Bytes b) {
    requireBearable((long) a.bytes().length + b.bytes().length);
    byte[] all = Arrays.copyOf(a.bytes(), a.bytes().length + b.bytes().length);
    System.arraycopy(b.bytes(), 0, all, a.bytes().length, b.bytes().length);
    return new Bytes(all);
  }
}
