package dev.millrace.server.filter;

import java.sql.SQLException;

/** A value, or what is wrong with the expression it was to come of: so it passes as a result. */
sealed interface Attempt<T> {

  record Success<T>(T value) implements Attempt<T> {}

  record Refusal<T>(InvalidExpression why) implements Attempt<T> {}

  /** Work that may find an expression wrong. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws InvalidExpression, SQLException;
  }

  static <T> Attempt<T> at(Work<T> work) throws SQLException {
    try {
      return new Success<>(work.run());
    } catch (InvalidExpression e) {
      return new Refusal<>(e);
    }
  }

  /** The value; throws what is wrong. */
  default T get() throws InvalidExpression {
    return switch (this) {
      case Success<T> success -> success.value();
      case Refusal<T> refusal -> throw refusal.why();
    };
  }
}
