package dev.millrace.client;

import java.util.Optional;

/**
 * Gives the token (a JWT) that the server is asked with. Called on a background thread, for each
 * connection anew; it may take its time, block and throw. What it throws becomes the status {@code
 * needsAuth}, and is tried again.
 */
@FunctionalInterface
public interface TokenSupplier {

  /**
   * The token to use; empty where there is none now.
   *
   * @param isRefresh whether the server has refused the last one, so that a kept one will not do
   * @throws Exception if there is none to be had
   */
  Optional<String> token(boolean isRefresh) throws Exception;
}
