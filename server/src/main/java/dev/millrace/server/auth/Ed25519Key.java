package dev.millrace.server.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** A public key of Ed25519 (RFC 8037), by the JDK; the library would want a further one for it. */
record Ed25519Key(PublicKey key) implements SigningKeys.Key {

  private static final String ALGORITHM = "Ed25519";
  private static final int BYTES = 32;

  /** What stands before the key's bytes in a SubjectPublicKeyInfo (RFC 8410). */
  private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  static Ed25519Key of(OctetKeyPair pair) throws JOSEException {
    byte[] bytes = pair.getDecodedX();
    if (!pair.getCurve().equals(Curve.Ed25519) || bytes.length != BYTES) {
      throw new JOSEException("not a key of Ed25519");
    }
    byte[] encoded = new byte[PREFIX.length + BYTES];
    System.arraycopy(PREFIX, 0, encoded, 0, PREFIX.length);
    System.arraycopy(bytes, 0, encoded, PREFIX.length, BYTES);
    try {
      KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
      return new Ed25519Key(keys.generatePublic(new X509EncodedKeySpec(encoded)));
    } catch (GeneralSecurityException e) {
      throw new JOSEException("not a key of Ed25519", e);
    }
  }

  @Override
  public boolean isSignedBy(JWSHeader header, byte[] signed, Base64URL signature)
      throws JOSEException {
    try {
      Signature check = Signature.getInstance(ALGORITHM);
      check.initVerify(key);
      check.update(signed);
      return check.verify(signature.decode());
    } catch (SignatureException notEvenOne) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new JOSEException("cannot check a signature", e);
    }
  }
}
