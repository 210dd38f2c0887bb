package dev.millrace.server.policy;

/** A user may not see anything of a table. The message is fit for the user. */
public final class AccessRefused extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean isHidden;
  private final String fault;

  private AccessRefused(String message, boolean isHidden, String fault) {
    super(message);
    this.isHidden = isHidden;
    this.fault = fault;
  }

  /** The role has no right to read any of it: to the user it is not there. */
  static AccessRefused hidden() {
    return new AccessRefused("the table cannot be read", true, "");
  }

  /** A policy is more than we can follow. */
  static AccessRefused of(String policy, String reason) {
    return new AccessRefused(
        "The policy \"%s\" cannot be followed: %s".formatted(policy, reason), false, reason);
  }

  /** Whether the table is to be treated as one that is not there. */
  public boolean isHidden() {
    return isHidden;
  }

  /** What is wrong with the policy, without its name. */
  String fault() {
    return fault;
  }

  /** For the client. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
