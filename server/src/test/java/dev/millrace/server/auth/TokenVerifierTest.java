package dev.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.millrace.server.auth.InvalidToken.Cause;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenVerifierTest {

  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  private static final long SECONDS = NOW.getEpochSecond();
  private static final String SECRET = "a secret that has more than 32 bytes";
  private static final String HS256 = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
  private static final String GOOD =
      "{\"sub\":\"ada\",\"role\":\"editor\",\"iss\":\"us\",\"aud\":[\"app\",\"other\"],\"exp\":%d}"
          .formatted(SECONDS + 3600);

  private static KeyServer server;
  private static Signer rsa;
  private static Signer ec;
  private static Signer ed;
  private static TokenVerifier secret;
  private static PublishedKeys publishedKeys;
  private static TokenVerifier published;

  @BeforeAll
  static void start() throws Exception {
    server = new KeyServer();
    rsa = Signer.rsa("r", 2048);
    ec = Signer.ec("e");
    ed = Signer.ed25519("d");
    server.publish(rsa, ec, ed);
    AuthSettings bySecret = settings(new AuthSettings.Secret(SECRET));
    secret =
        new TokenVerifier(
            bySecret, new SharedSecret(new AuthSettings.Secret(SECRET)), InstantSource.fixed(NOW));
    AuthSettings.KeySet keys =
        new AuthSettings.KeySet(
            server.address(), AuthSettings.KeySet.Times.refreshedAfter(Duration.ofMinutes(5)));
    publishedKeys = new PublishedKeys(keys);
    published = new TokenVerifier(settings(keys), publishedKeys, InstantSource.fixed(NOW));
  }

  @AfterAll
  static void stop() {
    publishedKeys.close();
    server.close();
  }

  private static AuthSettings settings(AuthSettings.Keys keys) {
    return new AuthSettings(keys, Optional.of("us"), Optional.of("app"), "authenticated", Set.of());
  }

  private static String signed(String payload) throws Exception {
    return Signer.hs256(SECRET.getBytes(StandardCharsets.UTF_8), HS256, payload);
  }

  private static Cause refusal(TokenVerifier verifier, String token) {
    try {
      return fail("was believed: " + verifier.verify(token));
    } catch (InvalidToken e) {
      return e.cause();
    }
  }

  @Test
  void aTokenSaysWhoseItIsUntilWhenAndAllItsClaims() throws Exception {
    VerifiedToken token = secret.verify(signed(GOOD));

    assertThat(token)
        .isEqualTo(new VerifiedToken("ada", Optional.of("editor"), GOOD, NOW.plusSeconds(3600)));
  }

  @Test
  void eachPublishedKeySignsByItsAlgorithm() throws Exception {
    for (String header :
        new String[] {
          "{\"alg\":\"RS256\",\"kid\":\"r\"}", "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}"
        }) {
      assertThat(published.verify(rsa.sign(header, GOOD)).subject()).isEqualTo("ada");
    }
    assertThat(published.verify(ec.sign("{\"alg\":\"ES256\",\"kid\":\"e\"}", GOOD)).subject())
        .isEqualTo("ada");
    assertThat(published.verify(ed.sign("{\"alg\":\"EdDSA\",\"kid\":\"d\"}", GOOD)).subject())
        .isEqualTo("ada");
    assertThat(published.verify(ed.sign("{\"alg\":\"Ed25519\",\"kid\":\"d\"}", GOOD)).subject())
        .isEqualTo("ada");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "EXPIRED   | `\"exp\":%d`                        | -60",
        "EXPIRED   | `\"exp\":%d`                        | -1000000",
        "EXPIRED   | `\"exp\":1%d000000`                 | 0",
        "CLAIMS    | `\"expires\":%d`                    | 100",
        "MALFORMED | `\"exp\":\"%d\"`                    | 100",
        "EARLY     | `\"exp\":9999999999,\"nbf\":%d`     | 61",
        "EARLY     | `\"exp\":9999999999,\"iat\":%d`     | 61",
      })
  void timesAreHeldWithAMinutesLeeway(Cause cause, String times, long offset) throws Exception {
    String claims = "{\"sub\":\"ada\",\"iss\":\"us\",\"aud\":\"app\"," + times + "}";

    assertThat(refusal(secret, signed(claims.formatted(SECONDS + offset)))).isEqualTo(cause);
  }

  @Test
  void aMinuteOfDifferenceBetweenClocksIsBorne() throws Exception {
    String claims =
        "{\"sub\":\"ada\",\"iss\":\"us\",\"aud\":\"app\",\"exp\":%d,\"nbf\":%d,\"iat\":%d}";

    assertThat(secret.verify(signed(claims.formatted(SECONDS - 59, SECONDS - 100, SECONDS - 100))))
        .isNotNull();
    assertThat(secret.verify(signed(claims.formatted(SECONDS + 99, SECONDS + 60, SECONDS + 60))))
        .isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ISSUER    | `\"sub\":\"a\",\"aud\":\"app\"`",
        "ISSUER    | `\"sub\":\"a\",\"aud\":\"app\",\"iss\":\"US\"`",
        "MALFORMED | `\"sub\":\"a\",\"aud\":\"app\",\"iss\":[\"us\"]`",
        "AUDIENCE  | `\"sub\":\"a\",\"iss\":\"us\"`",
        "AUDIENCE  | `\"sub\":\"a\",\"iss\":\"us\",\"aud\":[]`",
        "AUDIENCE  | `\"sub\":\"a\",\"iss\":\"us\",\"aud\":\"app2\"`",
        "CLAIMS    | `\"iss\":\"us\",\"aud\":\"app\"`",
        "CLAIMS    | `\"sub\":\"\",\"iss\":\"us\",\"aud\":\"app\"`",
        "CLAIMS    | `\"sub\":\"a\\u0000b\",\"iss\":\"us\",\"aud\":\"app\"`",
        "MALFORMED | `\"sub\":{},\"iss\":\"us\",\"aud\":\"app\"`",
        "MALFORMED | `\"sub\":\"a\",\"sub\":\"b\",\"iss\":\"us\",\"aud\":\"app\"`",
        "MALFORMED | `\"sub\":\"a\",\"x\":{\"y\":1,\"y\":2},\"iss\":\"us\",\"aud\":\"app\"`",
      })
  void whoItIsAndForWhomMustBeSaid(Cause cause, String claims) throws Exception {
    String payload = "{%s,\"exp\":%d}".formatted(claims, SECONDS + 100);

    assertThat(refusal(secret, signed(payload))).isEqualTo(cause);
  }

  @Test
  void aRoleThatIsNoNameIsNone() throws Exception {
    String payload =
        "{\"sub\":\"a\",\"iss\":\"us\",\"aud\":\"app\",\"role\":[\"admin\"],\"exp\":%d}"
            .formatted(SECONDS + 100);

    assertThat(secret.verify(signed(payload)).role()).isEmpty();
  }

  /** Every place of a token counts. */
  @Test
  void aChangedTokenIsRefused() throws Exception {
    String token = signed(GOOD);
    for (int i = 0; i < token.length() - 1; i++) {
      char other = token.charAt(i) == 'A' ? 'B' : 'A';
      String changed = token.substring(0, i) + other + token.substring(i + 1);

      assertThat(refusal(secret, changed)).isIn(Cause.SIGNATURE, Cause.MALFORMED, Cause.ALGORITHM);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "None", "NONE", "nOnE", ""})
  void anUnsignedTokenIsRefused(String algorithm) {
    String head = Base64URL.encode("{\"alg\":\"%s\"}".formatted(algorithm)).toString();
    String unsigned = head + "." + Base64URL.encode(GOOD) + ".";

    assertThat(refusal(secret, unsigned)).isIn(Cause.MALFORMED, Cause.ALGORITHM);
    assertThat(refusal(published, unsigned)).isIn(Cause.MALFORMED, Cause.ALGORITHM);
    assertThat(refusal(secret, unsigned + "AA")).isIn(Cause.MALFORMED, Cause.ALGORITHM);
  }

  /** The public key is known to all: as a secret it is none (RFC 8725, section 2.1). */
  @Test
  void aPublicKeyIsNoSecret() throws Exception {
    byte[] encoded = ((RSAKey) rsa.jwk()).toRSAPublicKey().getEncoded();
    StringWriter pem = new StringWriter().append("-----BEGIN PUBLIC KEY-----\n");
    pem.append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded));
    pem.append("\n-----END PUBLIC KEY-----\n");
    byte[][] secrets = {
      encoded,
      pem.toString().getBytes(StandardCharsets.US_ASCII),
      ((RSAKey) rsa.jwk()).getModulus().decode(),
      rsa.jwk().toJSONString().getBytes(StandardCharsets.US_ASCII),
      ((ECKey) ec.jwk()).toECPublicKey().getEncoded()
    };
    for (byte[] confused : secrets) {
      for (String header :
          new String[] {
            HS256, "{\"alg\":\"HS256\",\"kid\":\"r\"}", "{\"alg\":\"RS256\",\"kid\":\"r\"}"
          }) {
        assertThat(refusal(published, Signer.hs256(confused, header, GOOD)))
            .isIn(Cause.ALGORITHM, Cause.SIGNATURE);
      }
    }
  }

  @Test
  void oneKindOfKeyDoesNotVouchForAnother() throws Exception {
    assertThat(refusal(secret, rsa.sign("{\"alg\":\"RS256\",\"kid\":\"r\"}", GOOD)))
        .isEqualTo(Cause.ALGORITHM);
    assertThat(refusal(published, rsa.sign("{\"alg\":\"RS256\",\"kid\":\"e\"}", GOOD)))
        .isEqualTo(Cause.KEY);
    assertThat(refusal(published, rsa.sign("{\"alg\":\"ES256\",\"kid\":\"e\"}", GOOD)))
        .isEqualTo(Cause.SIGNATURE);
    assertThat(refusal(published, ec.sign("{\"alg\":\"EdDSA\",\"kid\":\"d\"}", GOOD)))
        .isEqualTo(Cause.SIGNATURE);
    assertThat(refusal(published, rsa.sign("{\"alg\":\"PS256\",\"kid\":\"r\"}", GOOD)))
        .isEqualTo(Cause.ALGORITHM);
    assertThat(refusal(published, rsa.sign("{\"alg\":\"RS512\",\"kid\":\"r\"}", GOOD)))
        .isEqualTo(Cause.ALGORITHM);
    assertThat(
            refusal(
                secret,
                Signer.hs256(SECRET.getBytes(StandardCharsets.UTF_8), "{\"alg\":\"HS512\"}", GOOD)))
        .isEqualTo(Cause.ALGORITHM);
  }

  /** CVE-2022-21449: a signature of zeros fits everything where nobody looks. */
  @Test
  void aSignatureOfZerosIsNone() {
    String head = Base64URL.encode("{\"alg\":\"ES256\",\"kid\":\"e\"}").toString();
    String token = head + "." + Base64URL.encode(GOOD) + "." + Base64URL.encode(new byte[64]);

    assertThat(refusal(published, token)).isEqualTo(Cause.SIGNATURE);
  }

  @Test
  void keysThatATokenBringsAlongAreNotLookedAt() throws Exception {
    try (KeyServer stranger = new KeyServer()) {
      Signer own = Signer.rsa("own", 2048);
      stranger.publish(own);
      for (String key :
          new String[] {
            "\"jwk\":" + own.jwk().toJSONString(),
            "\"jku\":\"%s\",\"kid\":\"own\"".formatted(stranger.address()),
            "\"x5u\":\"%s\"".formatted(stranger.address()),
            "\"kid\":\"../../../../dev/null\"",
            "\"kid\":\"r' or '1'='1\"",
            "\"kid\":\"%s\"".formatted(stranger.address())
          }) {
        String token = own.sign("{\"alg\":\"RS256\"," + key + "}", GOOD);

        assertThat(refusal(published, token)).isIn(Cause.KEY, Cause.SIGNATURE, Cause.MALFORMED);
      }

      assertThat(stranger.asked()).isZero();
    }
  }

  @Test
  void whatMustBeUnderstoodAndOtherKindsOfTokensAreRefused() throws Exception {
    byte[] key = SECRET.getBytes(StandardCharsets.UTF_8);
    for (String header :
        new String[] {
          "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
          "{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}",
          "{\"alg\":\"HS256\",\"typ\":\"logout+jwt\"}",
          "{\"alg\":\"HS256\",\"typ\":\"dpop+jwt\"}"
        }) {
      assertThat(refusal(secret, Signer.hs256(key, header, GOOD))).isEqualTo(Cause.MALFORMED);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "a.b",
        "a.b.c.d.e",
        "e30.e30.",
        "\u0000.\u0000.\u0000",
        "bnVsbA.bnVsbA.AA",
        "W10.W10.AA"
      })
  void whatIsNoTokenIsRefused(String text) {
    assertThat(refusal(secret, text)).isIn(Cause.MALFORMED, Cause.ALGORITHM);
    assertThat(refusal(published, text)).isIn(Cause.MALFORMED, Cause.ALGORITHM);
  }

  @Test
  void hugeAndDeepTokensAreRefused() throws Exception {
    String deep = "{\"a\":".repeat(900) + "1" + "}".repeat(900);

    assertThat(refusal(secret, signed(GOOD) + "A".repeat(8_192))).isEqualTo(Cause.MALFORMED);
    assertThat(refusal(secret, Base64URL.encode(deep) + ".e30.AA")).isEqualTo(Cause.MALFORMED);
    assertThat(refusal(secret, signed(deep))).isEqualTo(Cause.MALFORMED);
    assertThat(refusal(secret, signed("[1]"))).isEqualTo(Cause.MALFORMED);
  }
}
