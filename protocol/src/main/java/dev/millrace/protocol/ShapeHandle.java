package dev.millrace.protocol;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The name of one life of a shape: after a rotation the same definition has another handle, and no
 * handle is ever used twice. Opaque to clients (protocol section 10.1).
 */
public record ShapeHandle(String text) {

  public ShapeHandle {
    if (!text.matches("[0-9]{1,10}-[0-9]{1,20}")) {
      throw new IllegalArgumentException("no such handle: " + text);
    }
  }

  /** A handle for the {@code number}-th shape of a server, made at {@code now}. */
  public static ShapeHandle of(int number, Instant now) {
    return new ShapeHandle(number + "-" + ChronoUnit.MICROS.between(Instant.EPOCH, now));
  }

  @Override
  public String toString() {
    return text;
  }
}
