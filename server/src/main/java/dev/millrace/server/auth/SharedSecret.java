package dev.millrace.server.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACVerifier;
import java.util.List;

/** One secret, HS256. */
final class SharedSecret implements SigningKeys {

  private final List<Key> key;

  SharedSecret(AuthSettings.Secret secret) {
    try {
      key = List.of(new MACVerifier(secret.text())::verify);
    } catch (JOSEException e) {
      throw new IllegalArgumentException("the secret cannot be used", e);
    }
  }

  @Override
  public List<Key> matching(JWSHeader header) throws InvalidToken {
    if (!header.getAlgorithm().equals(JWSAlgorithm.HS256)) {
      throw new InvalidToken(InvalidToken.Cause.ALGORITHM);
    }
    return key;
  }

  @Override
  public void close() {
    // holds nothing
  }
}
