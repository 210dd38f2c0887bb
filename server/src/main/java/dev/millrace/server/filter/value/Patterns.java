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
      functions.make("~" + types, site -> regex(site, false, true));
      functions.make("!~" + types, site -> regex(site, false, false));
      functions.make("~*" + types, site -> regex(site, true, true));
      functions.make("!~*" + types, site -> regex(site, true, false));
    }
    functions.add("like_escape(text,text) text", a -> Like.withBackslashes(text(a, 0), text(a, 1)));
  }

  /** Only where the expression is a constant that we understand. */
  private static @Nullable Routine regex(CallSite site, boolean isFolded, boolean wanted) {
    Collation collation = site.collation();
    String pattern = site.constantText(1);
    boolean isKnown = collation.isDeterministic() && (!isFolded || collation.folding() != null);
    if (pattern == null || !isKnown) {
      return null;
    }
    Regex regex = Regex.parse(pattern, collation.classes(), isFolded ? collation.folding() : null);
    return regex == null ? null : a -> regex.isIn(text(a, 0)) == wanted;
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
