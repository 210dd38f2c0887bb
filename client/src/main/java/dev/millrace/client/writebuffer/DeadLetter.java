package dev.millrace.client.writebuffer;

import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import java.time.Instant;
import java.util.Optional;

/**
 * A change that the server has rejected. It is kept, and shown in the merged view, until somebody
 * retries, edits or discards it.
 *
 * @param id of the change
 * @param payload what the user wrote
 * @param tx what it belongs together with; these share their fate
 * @param code stable, of protocol section 14.4 or the client's own
 * @param reason for a person
 */
public record DeadLetter(
    String id,
    String entity,
    WriteChange.Op op,
    Json.Members payload,
    Optional<String> tx,
    String code,
    String reason,
    Instant failedAt) {}
