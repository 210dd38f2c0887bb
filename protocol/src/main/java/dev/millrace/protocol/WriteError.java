package dev.millrace.protocol;

/**
 * Why a change was not applied.
 *
 * @param code stable, for programs: {@code row_not_found}
 * @param message for people
 * @param isRetryable whether the same change may succeed later
 */
public record WriteError(String code, String message, boolean isRetryable) {}
