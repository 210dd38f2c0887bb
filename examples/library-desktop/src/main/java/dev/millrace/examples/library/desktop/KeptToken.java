package dev.millrace.examples.library.desktop;

import dev.millrace.client.TokenSupplier;
import java.io.IOException;
import java.util.Optional;

/**
 * Keeps a token until the server refuses it, and asks for none while the network is cut. One thread
 * at a time, as suppliers are called.
 */
final class KeptToken implements TokenSupplier {

  private final NetworkSwitch network;
  private final TokenSupplier source;
  private volatile Optional<String> kept = Optional.empty();

  KeptToken(NetworkSwitch network, TokenSupplier source) {
    this.network = network;
    this.source = source;
  }

  @Override
  public Optional<String> token(boolean isRefresh) throws Exception {
    if (kept.isEmpty() || isRefresh) {
      if (!network.isOn()) {
        throw new IOException(NetworkSwitch.REASON);
      }
      kept = source.token(isRefresh);
    }
    return kept;
  }
}
