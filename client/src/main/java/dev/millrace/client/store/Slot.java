package dev.millrace.client.store;

/** Which copy of a shape. */
public enum Slot {
  /** The one that is shown. */
  SYNCED,
  /** One in the making, after the server has asked to begin anew; shown once it is whole. */
  NEXT
}
