package dev.millrace.examples.library;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Index;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Owner;
import dev.millrace.annotations.Synced;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is known of a file of a work; the bytes themselves are kept elsewhere. */
@Synced(table = "assets")
public record Asset(
    @Key UUID id,
    @Owner @Nullable UUID ownerId,
    @Index UUID workId,
    String fileName,
    String mediaType,
    long byteSize,
    String sha256,
    @Column(hasDefault = true) @Nullable Instant createdAt,
    @Column(hasDefault = true) @Nullable Instant updatedAt) {}
