package dev.millrace.server.doctor;

import java.util.List;

/**
 * One thing the doctor saw.
 *
 * @param subject what it is about, a setting's name or one or two words
 * @param mend statements for Postgres, in order; or none, if nothing has to be done or not in SQL
 * @param then what remains to be done after them, or instead of them; may be empty
 */
public record Finding(Level level, String subject, String text, List<String> mend, String then) {

  /** How bad it is. */
  public enum Level {
    OK,
    /** Worth knowing; nothing has to be done. */
    NOTE,
    /** The role may not look. */
    UNKNOWN,
    /** It works, but may not for long. */
    WARNING,
    /** The server cannot follow, or not whole, until this is mended. */
    PROBLEM
  }

  public Finding {
    mend = List.copyOf(mend);
  }

  static Finding ok(String subject, String text) {
    return new Finding(Level.OK, subject, text, List.of(), "");
  }

  static Finding note(String subject, String text, String... mend) {
    return new Finding(Level.NOTE, subject, text, List.of(mend), "");
  }

  static Finding unknown(String subject, String text, String... mend) {
    return new Finding(Level.UNKNOWN, subject, text, List.of(mend), "");
  }

  static Finding warning(String subject, String text, String... mend) {
    return new Finding(Level.WARNING, subject, text, List.of(mend), "");
  }

  static Finding problem(String subject, String text, String... mend) {
    return new Finding(Level.PROBLEM, subject, text, List.of(mend), "");
  }

  /** The same, with something to do that is no SQL. */
  Finding then(String action) {
    return new Finding(level, subject, text, mend, action);
  }
}
