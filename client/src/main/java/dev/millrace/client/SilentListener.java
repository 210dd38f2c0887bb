package dev.millrace.client;

/** The listener of whoever named none; nothing is counted for it. */
enum SilentListener implements SyncListener {
  NONE
}
