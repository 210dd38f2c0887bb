package dev.millrace.server.auth;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs tokens by the JDK alone, so that nothing keeps a test from signing what no library would.
 *
 * @param jwk the public half, for a key set
 */
record Signer(String algorithm, PrivateKey key, JWK jwk) {

  static Signer rsa(String keyId, int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    KeyPair pair = generator.generateKeyPair();
    return new Signer(
        "SHA256withRSA",
        pair.getPrivate(),
        new RSAKey.Builder((RSAPublicKey) pair.getPublic()).keyID(keyId).build());
  }

  static Signer ec(String keyId) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair pair = generator.generateKeyPair();
    return new Signer(
        "SHA256withECDSAinP1363Format",
        pair.getPrivate(),
        new ECKey.Builder(Curve.P_256, (ECPublicKey) pair.getPublic()).keyID(keyId).build());
  }

  static Signer ed25519(String keyId) throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    byte[] point = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    return new Signer(
        "Ed25519",
        pair.getPrivate(),
        new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(point)).keyID(keyId).build());
  }

  /** A token of these two JSON texts. */
  String sign(String header, String payload) throws GeneralSecurityException {
    String signed = Base64URL.encode(header) + "." + Base64URL.encode(payload);
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + Base64URL.encode(signature.sign());
  }

  /** The same by a secret. */
  static String hs256(byte[] secret, String header, String payload)
      throws GeneralSecurityException {
    String signed = Base64URL.encode(header) + "." + Base64URL.encode(payload);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    return signed + "." + Base64URL.encode(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
  }
}
