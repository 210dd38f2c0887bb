package dev.millrace.client.writebuffer;

import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Json;
import java.time.Instant;
import java.util.Optional;

/**
 * A value of the user's that met one of somebody else's.
 *
 * @param id of this entry
 * @param key of the row, by column, as a write carries it
 * @param base what the user saw when editing, if it was known
 * @param kept which of the two is in the database
 */
public record EditConflict(
    long id,
    String entity,
    Json.Members key,
    String column,
    Optional<Json> base,
    Json yours,
    Json theirs,
    Conflict.Kept kept,
    Instant noticedAt) {}
