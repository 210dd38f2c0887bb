package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens of a shared secret, good ones and others. */
record Tokens(String secret) {

  static final Tokens OURS = new Tokens("the secret of the tests has 32 bytes at least");

  private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

  /** As the header {@code authorization} carries it. */
  String bearer(String subject) {
    return "Bearer " + of(subject);
  }

  /** A good token, for an hour. */
  String of(String subject) {
    return of(subject, "");
  }

  /**
   * The same with further claims.
   *
   * @param claims such as {@code ,"role":"editor"}
   */
  String of(String subject, String claims) {
    return signed(payload(subject, Instant.now().plusSeconds(3600), claims));
  }

  static String payload(String subject, Instant end, String claims) {
    return "{\"sub\":%s,\"exp\":%d%s}".formatted(Json.quote(subject), end.getEpochSecond(), claims);
  }

  String signed(String payload) {
    return signed(HEADER, payload);
  }

  String signed(String header, String payload) {
    String signed = encode(header.getBytes(UTF_8)) + "." + encode(payload.getBytes(UTF_8));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
      return signed + "." + encode(mac.doFinal(signed.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
