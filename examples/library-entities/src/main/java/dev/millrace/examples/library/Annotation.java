package dev.millrace.examples.library;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Index;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Owner;
import dev.millrace.annotations.Synced;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a reader has noted of a place in a work.
 *
 * @param locator where, in the work's own terms: a page, a chapter, a verse
 */
@Synced(table = "annotations", priority = 1)
public record Annotation(
    @Key UUID id,
    @Owner @Nullable UUID ownerId,
    @Index UUID workId,
    @Nullable String locator,
    @Nullable String quote,
    @Nullable String note,
    @Column(hasDefault = true) @Nullable Instant createdAt,
    @Column(hasDefault = true) @Nullable Instant updatedAt) {}
