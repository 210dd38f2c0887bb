package dev.millrace.bench.writes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Somebody with a token. */
public record User(String subject) {

  /** What the server believes. */
  public static final String SECRET = "the secret of the benchmark has 32 bytes at least";

  private static final Duration LIFE = Duration.ofHours(12);

  /** What a token says of the user, and so the policies are told. */
  String claims() {
    long end = Instant.now().plus(LIFE).getEpochSecond();
    return "{\"sub\":\"%s\",\"role\":\"%s\",\"exp\":%d}".formatted(subject, NotesTable.ROLE, end);
  }

  /** A token, signed by HS256. */
  public String token() {
    String signed = encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "." + encode(claims());
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
      return signed + "." + encode(mac.doFinal(signed.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has it", e);
    }
  }

  private static String encode(String text) {
    return encode(text.getBytes(UTF_8));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
