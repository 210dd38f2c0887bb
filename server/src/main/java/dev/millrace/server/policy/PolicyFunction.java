package dev.millrace.server.policy;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A function that a policy calls and that is not Postgres' own.
 *
 * @param signature as {@code regprocedure} prints it
 * @param returnType with its schema
 * @param isOfExtension whether an extension brought it
 * @param body of one in SQL; anything else has none that we could read
 */
record PolicyFunction(
    long oid,
    String schema,
    String name,
    String signature,
    String returnType,
    boolean isOfExtension,
    Optional<String> body) {

  private static final Pattern SELECT =
      Pattern.compile("(?is)\\s*(?:select|return)\\s+(.*?)\\s*;?\\s*");

  private static final Pattern ATOMIC =
      Pattern.compile("(?is)\\s*begin\\s+atomic\\s+(.*?)\\s*;?\\s*end\\s*");

  /** As Postgres prints what is selected in an atomic body. */
  private static final Pattern NAME = Pattern.compile("(?i)\\s+as\\s+\\w+$");

  /** The one expression whose value it returns; empty if it does anything else. */
  Optional<String> expression() {
    return body.flatMap(text -> {
      Matcher atomic = ATOMIC.matcher(text);
      Matcher select = SELECT.matcher(atomic.matches() ? atomic.group(1) : text);
      return select.matches()
          ? Optional.of(NAME.matcher(select.group(1)).replaceFirst(""))
          : Optional.empty();
    });
  }
}
