package dev.millrace.server.filter.value;

import static dev.millrace.server.filter.value.Functions.text;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** LIKE, ILIKE and regular expressions. */
final class Patterns {

  private static final List<String> TEXTS = List.of("text", "bpchar", "name");

  private Patterns() {}

  static void addTo(Functions functions) {
    for (String type : TEXTS) {
      String types = "(" + type + ",text) bool";
      functions.make("~~" + types, site -> like(site, true));
      functions.make("!~~" + types, site -> like(site, false));
      functions.make("~~*" + types, site -> foldedLike(site, true));
      functions.make("!~~*" + types, site -> foldedLike(site, false));
    }
    functions.add("like_escape(text,text) text", a -> Like.withBackslashes(text(a, 0), text(a, 1)));
  }

  private static @Nullable Routine like(CallSite site, boolean wanted) {
    return site.collation().isDeterministic()
        ? a -> Like.matches(text(a, 0), text(a, 1)) == wanted
        : null;
  }

  private static @Nullable Routine foldedLike(CallSite site, boolean wanted) {
    CaseFolding folding = site.collation().folding();
    return folding != null && site.collation().isDeterministic()
        ? a -> Like.matches(folding.lower(text(a, 0)), folding.lower(text(a, 1))) == wanted
        : null;
  }
}
