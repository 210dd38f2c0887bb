package dev.millrace.server.auth;

import java.util.Locale;

/** A token that proves nothing. Why is for our log and counts; its sender learns little of it. */
public final class InvalidToken extends Exception {

  private static final long serialVersionUID = 1L;

  /** What is wrong with a token. */
  public enum Cause {
    /** There is none, or more than one. */
    MISSING,
    MALFORMED,
    /** Signed in a way that we do not take from these keys, or not at all. */
    ALGORITHM,
    /** By a key that we do not know. */
    KEY,
    SIGNATURE,
    EXPIRED,
    /** Of a time to come. */
    EARLY,
    ISSUER,
    AUDIENCE,
    /** It does not say whose it is or until when. */
    CLAIMS;

    /** Its name in counts. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Cause cause;

  public InvalidToken(Cause cause) {
    super(cause.text(), null, false, false);
    this.cause = cause;
  }

  public Cause cause() {
    return cause;
  }
}
