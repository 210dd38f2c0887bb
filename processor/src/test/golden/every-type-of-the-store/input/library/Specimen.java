// shows: SpecimensColumns.java SpecimensElectric.java SpecimensLocal.java SpecimensMerged.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import dev.millrace.protocol.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.UUID;

@Synced(table = "specimens")
public record Specimen(
    @Key UUID id,
    boolean isFree,
    Boolean isBoxed,
    short small,
    Short smallBoxed,
    int number,
    Integer numberBoxed,
    long large,
    Long largeBoxed,
    float ratio,
    Float ratioBoxed,
    double exactRatio,
    Double exactRatioBoxed,
    BigDecimal amount,
    String text,
    LocalDate day,
    LocalTime time,
    LocalDateTime moment,
    Instant instant,
    byte[] bytes,
    Json document) {}
