package library;

import dev.millrace.annotations.Converter;
import dev.millrace.protocol.Json;
import java.time.Duration;

record OfDuration() implements Converter<Duration, Json> {
  @Override
  public Json toColumn(Duration value) {
    return Json.Numeral.of(value.toSeconds());
  }

  @Override
  public Duration fromColumn(Json stored) {
    return Duration.ofSeconds(Long.parseLong(stored.toString()));
  }
}
