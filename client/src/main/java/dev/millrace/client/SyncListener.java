package dev.millrace.client;

/**
 * Hears how syncing goes. Called on a background thread, one call after the other; what it throws
 * is logged.
 */
public interface SyncListener {

  /** The status is another now. */
  default void onStatus(SyncStatus status) {}

  /** The rows that an entity shows may have changed. */
  default void onTouched(String entity) {}

  /** Hears nothing. */
  static SyncListener none() {
    return SilentListener.NONE;
  }
}
