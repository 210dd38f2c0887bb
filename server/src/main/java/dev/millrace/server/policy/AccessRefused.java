package dev.millrace.server.policy;

/** A user may not see anything of a table. The message is fit for the user. */
public final class AccessRefused extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean isHidden;

  private AccessRefused(String message, boolean isHidden) {
    super(message);
    this.isHidden = isHidden;
  }

  /** The role has no right to read any of it: to the user it is not there. */
  static AccessRefused hidden() {
    return new AccessRefused("the table cannot be read", true);
  }

  /** A policy is more than we can follow. */
  static AccessRefused of(String policy, String reason) {
    return new AccessRefused(
        "The policy \"%s\" cannot be followed: %s".formatted(policy, reason), false);
  }

  /** Whether the table is to be treated as one that is not there. */
  public boolean isHidden() {
    return isHidden;
  }

  /** For the client. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
