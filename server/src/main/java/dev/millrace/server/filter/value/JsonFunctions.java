package dev.millrace.server.filter.value;

import static dev.millrace.server.filter.value.Functions.array;
import static dev.millrace.server.filter.value.Functions.integer;
import static dev.millrace.server.filter.value.Functions.text;
import static dev.millrace.server.filter.value.Functions.value;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operators and functions on json and jsonb. */
final class JsonFunctions {

  private JsonFunctions() {}

  static void addTo(Functions functions) {
    addBinary(functions);
    addTextual(functions);
    addContainment(functions);
    functions.add("jsonb_typeof(jsonb) text", a -> json(a, 0).typeName());
    functions.add("jsonb_array_length(jsonb) int4", a -> (long) json(a, 0).requireArray().size());
  }

  private static Json json(@Nullable Object[] arguments, int place) {
    return (Json) value(arguments, place);
  }

  /** The text of a part; NULL if there is none. */
  private static @Nullable String asText(@Nullable Json part) {
    return part == null ? null : part.asText();
  }

  private static void addBinary(Functions functions) {
    functions.add("->(jsonb,text) jsonb", a -> json(a, 0).member(text(a, 1)));
    functions.add("->(jsonb,int4) jsonb", a -> json(a, 0).element(integer(a, 1)));
    functions.add("->>(jsonb,text) text", a -> asText(json(a, 0).member(text(a, 1))));
    functions.add("->>(jsonb,int4) text", a -> asText(json(a, 0).element(integer(a, 1))));
    functions.add("#>(jsonb,text[]) jsonb", a -> at(json(a, 0), array(a, 1)));
    functions.add("#>>(jsonb,text[]) text", a -> asText(at(json(a, 0), array(a, 1))));
  }

  private static @Nullable Json at(Json json, ArrayValue steps) {
    List<String> path = path(steps);
    return path == null ? null : json.at(path);
  }

  /** The steps; null if one is NULL. */
  private static @Nullable List<String> path(ArrayValue steps) {
    List<String> path = new ArrayList<>();
    for (Object step : steps.elements()) {
      if (step == null) {
        return null;
      }
      path.add((String) step);
    }
    return path;
  }

  private static @Nullable JsonText at(JsonText whole, ArrayValue steps) {
    List<String> path = path(steps);
    return path == null ? null : whole.at(path);
  }

  /** Of type json: what takes a part of a text. */
  private interface Step {
    @Nullable JsonText from(JsonText whole, @Nullable Object[] arguments);
  }

  private static void addTextual(Functions functions) {
    textual(functions, "->", "text", (whole, a) -> whole.member(text(a, 1)));
    textual(functions, "->", "int4", (whole, a) -> whole.element(integer(a, 1)));
    textual(functions, "#>", "text[]", (whole, a) -> at(whole, array(a, 1)));
    functions.add(
        "json_typeof(json) text", a -> JsonText.parse(text(a, 0), Type.JSON).typeName(text(a, 0)));
    functions.add("json_array_length(json) int4", a -> length(text(a, 0)));
  }

  private static void textual(Functions functions, String operator, String key, Step step) {
    functions.add(
        "%s(json,%s) json".formatted(operator, key),
        a -> {
          String text = text(a, 0);
          JsonText part = step.from(JsonText.parse(text, Type.JSON), a);
          return part == null ? null : part.raw(text);
        });
    functions.add(
        "%s>(json,%s) text".formatted(operator, key),
        a -> {
          String text = text(a, 0);
          JsonText part = step.from(JsonText.parse(text, Type.JSON), a);
          return part == null ? null : part.asText(text);
        });
  }

  private static Long length(String text) {
    JsonText whole = JsonText.parse(text, Type.JSON);
    if (whole.kind() != JsonText.Kind.ARRAY) {
      throw new EvaluationException("cannot get array length of a scalar or an object");
    }
    return (long) whole.children().size();
  }

  private static void addContainment(Functions functions) {
    functions.add("@>(jsonb,jsonb) bool", a -> json(a, 0).contains(json(a, 1)));
    functions.add("<@(jsonb,jsonb) bool", a -> json(a, 1).contains(json(a, 0)));
    functions.add("?(jsonb,text) bool", a -> json(a, 0).has(text(a, 1)));
    functions.add("?|(jsonb,text[]) bool", a -> hasAny(json(a, 0), array(a, 1)));
    functions.add("?&(jsonb,text[]) bool", a -> hasAll(json(a, 0), array(a, 1)));
  }

  private static boolean hasAny(Json json, ArrayValue keys) {
    for (Object key : keys.elements()) {
      if (key != null && json.has((String) key)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasAll(Json json, ArrayValue keys) {
    for (Object key : keys.elements()) {
      if (key != null && !json.has((String) key)) {
        return false;
      }
    }
    return true;
  }
}
