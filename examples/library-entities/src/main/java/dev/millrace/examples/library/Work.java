package dev.millrace.examples.library;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Index;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Local;
import dev.millrace.annotations.Owner;
import dev.millrace.annotations.Synced;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A work of literature or science.
 *
 * @param year first published, or first known; negative is BC
 * @param language a BCP 47 tag
 * @param openedAt when it was opened last on this device
 */
@Synced(table = "works")
public record Work(
    @Key UUID id,
    @Owner @Nullable UUID ownerId,
    String title,
    @Nullable String author,
    @Index @Nullable Integer year,
    @Nullable String language,
    @Column(hasDefault = true) @Nullable Instant createdAt,
    @Column(hasDefault = true) @Nullable Instant updatedAt,
    @Local @Nullable Instant openedAt) {

  /** A new one, of which the server fills in the rest. */
  public static Work of(String title, @Nullable Integer year) {
    return new Work(UUID.randomUUID(), null, title, null, year, null, null, null, null);
  }
}
