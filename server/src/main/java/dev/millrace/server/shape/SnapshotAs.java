package dev.millrace.server.shape;

import dev.millrace.server.policy.View;
import dev.millrace.server.postgres.DatabaseUser;
import java.util.Optional;

/**
 * As whom the rows of a shape are read.
 *
 * @param user empty for the server itself
 * @param check whether what the definition rests on still is as it was
 */
public record SnapshotAs(Optional<DatabaseUser> user, View.Check check) {}
