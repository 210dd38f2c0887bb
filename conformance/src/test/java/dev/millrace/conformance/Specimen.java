package dev.millrace.conformance;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Converter;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Label;
import dev.millrace.annotations.Local;
import dev.millrace.annotations.Owner;
import dev.millrace.annotations.SetOf;
import dev.millrace.annotations.Synced;
import dev.millrace.protocol.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Year;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A record with a component of every kind. */
@Synced(table = "specimens")
record Specimen(
    @Key UUID box,
    @Key int place,
    @Owner @Nullable String owner,
    boolean isFree,
    short small,
    @Nullable Integer number,
    long large,
    float ratio,
    double exact,
    BigDecimal amount,
    String text,
    LocalDate day,
    LocalTime time,
    LocalDateTime moment,
    Instant instant,
    Optional<String> remark,
    Optional<LocalDate> seenOn,
    Json document,
    State state,
    @Nullable State next,
    Origin origin,
    List<Origin> others,
    List<String> names,
    List<Integer> counts,
    List<State> history,
    @SetOf Set<String> tags,
    @SetOf Set<State> states,
    @Column(converter = OfYear.class) Year year,
    @Column(value = "camelCase", converter = OfYear.class) @Nullable Year otherName,
    @Column(hasDefault = true) @Nullable Instant createdAt,
    @Local @Nullable String scribble,
    @Local Optional<Origin> guess) {

  enum State {
    ALIVE,
    @Label("Dried out")
    DRIED
  }

  record Origin(
      String country,
      @Nullable Integer height,
      Optional<State> state,
      @Column("found-on") LocalDate foundOn,
      List<String> finders,
      List<Origin> near) {}

  static final class OfYear implements Converter<Year, Integer> {

    @Override
    public Integer toColumn(Year value) {
      return value.getValue();
    }

    @Override
    public Year fromColumn(Integer stored) {
      return Year.of(stored);
    }
  }
}
