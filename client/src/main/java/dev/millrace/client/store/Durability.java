package dev.millrace.client.store;

/**
 * What a power cut may take.
 *
 * @see <a href="https://www.sqlite.org/pragma.html#pragma_synchronous">synchronous</a>
 */
public enum Durability {
  /** Nothing: on the disk before the transaction returns. For what the user wrote. */
  FULL("full"),
  /** The last transactions, whole ones. For what the server can send again. */
  NORMAL("normal"),
  /** Anything; for simulations, which have no power to cut. */
  OFF("off");

  private final String pragma;

  Durability(String pragma) {
    this.pragma = pragma;
  }

  String pragma() {
    return "pragma synchronous = " + pragma;
  }
}
