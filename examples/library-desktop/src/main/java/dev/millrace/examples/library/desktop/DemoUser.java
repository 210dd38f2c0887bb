package dev.millrace.examples.library.desktop;

import java.util.stream.Stream;

/** Those who own the example's rows; {@code ./millrace up} signs tokens for them. */
public enum DemoUser {
  ADA("Ada", "ada00000-0000-4000-8000-000000000001"),
  GRACE("Grace", "9ace0000-0000-4000-8000-000000000002");

  private final String label;
  private final String id;

  DemoUser(String label, String id) {
    this.label = label;
    this.id = id;
  }

  /** As people call them. */
  public String label() {
    return label;
  }

  /** The {@code sub} of their tokens. */
  public String id() {
    return id;
  }

  /** The name of a user, whoever it is. */
  static String label(String id) {
    return Stream.of(values())
        .filter(user -> user.id.equals(id))
        .map(DemoUser::label)
        .findFirst()
        .orElse(id);
  }
}
