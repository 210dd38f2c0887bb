package dev.millrace.server.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import java.util.List;

/** The keys that tokens may be signed by. Any thread; may block while keys are fetched. */
interface SigningKeys extends AutoCloseable {

  /** A key that can tell whether a signature is its own. */
  @FunctionalInterface
  interface Key {
    boolean isSignedBy(JWSHeader header, byte[] signed, Base64URL signature) throws JOSEException;
  }

  /**
   * Those that a token with this header may be signed by.
   *
   * @throws InvalidToken if there is none
   * @throws AuthUnavailable if nobody knows now
   */
  List<Key> matching(JWSHeader header) throws InvalidToken;

  @Override
  void close();
}
