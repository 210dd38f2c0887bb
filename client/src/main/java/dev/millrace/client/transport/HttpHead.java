package dev.millrace.client.transport;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Status and headers of an answer.
 *
 * @param headers names in lower case; of a header given twice the first
 */
public record HttpHead(int status, Map<String, String> headers) {

  private static final long MOST_SECONDS = 86_400;

  public HttpHead {
    headers = Map.copyOf(headers);
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** For how long {@code retry-after} asks to stay away; a day at most, zero if it does not. */
  public Duration retryAfter() {
    try {
      long seconds = Long.parseLong(header("retry-after").orElse("0").trim());
      return Duration.ofSeconds(Math.max(0, Math.min(seconds, MOST_SECONDS)));
    } catch (NumberFormatException e) {
      return Duration.ZERO; // A date: our server sends none.
    }
  }
}
