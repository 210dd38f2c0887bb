package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 14.1: tokens that prove nothing, and keys that come, go and are away. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class TokenAttacksTest {

  private static final String ISSUER = "https://id.example/";
  private static final String CLAIMS = ",\"iss\":\"" + ISSUER + "\",\"aud\":\"millrace\"";

  @TempDir static Path folder;
  private static KeyServer keys;
  private static KeyServer stranger;
  private static RSAKey key;
  private static RSAKey own;
  private static WriteServer server;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    key = new RSAKeyGenerator(2048).keyID("first").generate();
    own = new RSAKeyGenerator(2048).keyID("own").generate();
    keys = new KeyServer();
    keys.publish(key.toPublicJWK());
    stranger = new KeyServer();
    stranger.publish(own.toPublicJWK());
    server =
        WriteServer.start(
            postgres,
            folder.resolve("writes"),
            "MILLRACE_JWKS_URL",
            keys.address().toString(),
            "MILLRACE_JWT_ISSUER",
            ISSUER,
            "MILLRACE_JWT_AUDIENCE",
            "millrace");
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    keys.close();
    stranger.close();
  }

  private static String good() {
    return Tokens.payload("ada", Instant.now().plusSeconds(3600), CLAIMS);
  }

  private static String signed(RSAKey by, JWSHeader.Builder header, String payload) {
    try {
      JWSObject token = new JWSObject(header.build(), new Payload(payload));
      token.sign(new RSASSASigner(by));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JWSHeader.Builder naming(RSAKey named) {
    return new JWSHeader.Builder(JWSAlgorithm.RS256)
        .keyID(named.getKeyID())
        .type(JOSEObjectType.JWT);
  }

  private static Answer send(String token) throws Exception {
    return send(server, token);
  }

  private static Answer send(WriteServer to, String token) throws Exception {
    return to.http()
        .post(WriteServer.PATH, WriteServer.batch(), "authorization", "Bearer " + token);
  }

  record Attack(String name, String token) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Attack> attacks() throws Exception {
    String good = good();
    long now = Instant.now().getEpochSecond();
    String whole = signed(key, naming(key), good);
    String[] parts = whole.split("\\.", -1);
    String publicKey =
        new String(key.toRSAPublicKey().getEncoded(), java.nio.charset.StandardCharsets.ISO_8859_1);
    String hs = "{\"alg\":\"HS256\",\"kid\":\"first\"}";
    Map<String, String> attacks = new LinkedHashMap<>();
    attacks.put("another's key", signed(own, naming(own), good));
    attacks.put("another's key under our name", signed(own, naming(key), good));
    attacks.put(
        "another's key without a name",
        signed(own, new JWSHeader.Builder(JWSAlgorithm.RS256), good));
    attacks.put(
        "expired",
        signed(key, naming(key), good.replaceFirst("\"exp\":\\d+", "\"exp\":" + (now - 61))));
    attacks.put(
        "without an end", signed(key, naming(key), good.replaceFirst("\"exp\":\\d+", "\"x\":1")));
    attacks.put(
        "an end that overflows",
        signed(key, naming(key), good.replaceFirst("\"exp\":\\d+", "\"exp\":9223372036854775807")));
    attacks.put(
        "an end as text",
        signed(key, naming(key), good.replaceFirst("\"exp\":(\\d+)", "\"exp\":\"$1\"")));
    attacks.put(
        "not yet",
        signed(
            key, naming(key), good.replaceFirst("\"exp\"", "\"nbf\":" + (now + 120) + ",\"exp\"")));
    attacks.put(
        "signed in the future",
        signed(
            key, naming(key), good.replaceFirst("\"exp\"", "\"iat\":" + (now + 120) + ",\"exp\"")));
    attacks.put(
        "wrong issuer", signed(key, naming(key), good.replace(ISSUER, "https://id.example.evil/")));
    attacks.put("no issuer", signed(key, naming(key), good.replace("\"iss\"", "\"isss\"")));
    attacks.put(
        "wrong audience",
        signed(key, naming(key), good.replace("\"millrace\"", "[\"millrace2\",\"mill\"]")));
    attacks.put("nobody", signed(key, naming(key), good.replace("\"ada\"", "\"\"")));
    attacks.put(
        "two subjects",
        signed(key, naming(key), good.replace("{\"sub\"", "{\"sub\":\"eve\",\"sub\"")));
    attacks.put(
        "a zero in the subject",
        signed(key, naming(key), good.replace("\"ada\"", "\"a\\u0000da\"")));
    attacks.put("unsigned", encode("{\"alg\":\"none\"}") + "." + encode(good) + ".");
    attacks.put(
        "unsigned with a signature",
        encode("{\"alg\":\"none\"}") + "." + parts[1] + "." + parts[2]);
    attacks.put("the signature left out", parts[0] + "." + parts[1] + ".");
    attacks.put(
        "another payload", parts[0] + "." + encode(good.replace("ada", "eve")) + "." + parts[2]);
    attacks.put("the public key as a secret", new Tokens(publicKey).signed(hs, good));
    attacks.put(
        "the key's JSON as a secret",
        new Tokens(key.toPublicJWK().toJSONString()).signed(hs, good));
    attacks.put(
        "the key's address as a secret", new Tokens(keys.address().toString()).signed(hs, good));
    attacks.put("a secret of our own", new Tokens("x".repeat(32)).signed(hs, good));
    attacks.put(
        "signed as PS256",
        signed(key, new JWSHeader.Builder(JWSAlgorithm.PS256).keyID("first"), good));
    attacks.put(
        "signed as RS512",
        signed(key, new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("first"), good));
    attacks.put(
        "a key that it brings along", signed(own, naming(own).jwk(own.toPublicJWK()), good));
    attacks.put("an address of keys", signed(own, naming(own).jwkURL(stranger.address()), good));
    attacks.put(
        "an address of certificates",
        signed(own, naming(own).x509CertURL(stranger.address()), good));
    attacks.put("a file as key", signed(own, naming(own).keyID("../../../../../dev/null"), good));
    attacks.put("SQL as key", signed(own, naming(own).keyID("' or 1=1 --"), good));
    attacks.put(
        "an address as key", signed(own, naming(own).keyID(stranger.address().toString()), good));
    attacks.put(
        "what must be understood",
        signed(
            key,
            naming(key).criticalParams(java.util.Set.of("millrace")).customParam("millrace", 1),
            good));
    attacks.put(
        "another kind of token",
        signed(key, naming(key).type(new JOSEObjectType("logout+jwt")), good));
    attacks.put("encrypted", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA");
    attacks.put("a header that is null", encode("null") + "." + parts[1] + "." + parts[2]);
    attacks.put(
        "a deep header",
        encode("{\"a\":".repeat(1000) + "1" + "}".repeat(1000)) + "." + parts[1] + ".AA");
    attacks.put("a payload that is no object", signed(key, naming(key), "[1]"));
    attacks.put("a huge one", whole + "A".repeat(8_000));
    attacks.put("dots", "..");
    attacks.put("two tokens", whole + " " + whole);
    attacks.put("the secret of the stream", WriteServer.SECRET);
    List<Attack> all = new ArrayList<>();
    attacks.forEach((name, token) -> all.add(new Attack(name, token)));
    return all.stream();
  }

  private static String encode(String text) {
    return Base64URL.encode(text).toString();
  }

  // Protocol 14-3.
  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void whatProvesNothingIsRefusedWithoutSayingWhy(Attack attack) throws Exception {
    Answer answer = send(attack.token());

    assertThat(answer.status()).as(answer.body()).isEqualTo(401);
    String code = attack.name().equals("expired") ? "token_expired" : "token_invalid";
    String error =
        code.equals("token_expired") ? "The token has expired." : "The token is not valid here.";
    assertThat(answer.body())
        .isIn(
            "{\"code\":\"%s\",\"error\":\"%s\"}".formatted(code, error),
            "{\"code\":\"token_expired\",\"error\":\"The token has expired.\"}");
    assertThat(answer.header("www-authenticate")).isEqualTo("Bearer error=\"invalid_token\"");
    assertThat(stranger.asked()).isZero();
  }

  @Test
  void theOneThatTheAttacksAreMadeOfIsGood() throws Exception {
    assertThat(send(signed(key, naming(key), good())).status()).isEqualTo(200);
  }

  // Protocol 14-15.
  @Test
  void keysComeAndTheOldOnesHoldWhileTheAddressIsAway(LocalPostgres postgres) throws Exception {
    RSAKey second = new RSAKeyGenerator(2048).keyID("second").generate();
    String byFirst = signed(key, naming(key), good());
    String bySecond = signed(second, naming(second), good());
    try (KeyServer provider = new KeyServer()) {
      provider.publish(key.toPublicJWK());
      provider.setDown(true);
      try (WriteServer other =
          WriteServer.start(
              postgres,
              folder.resolve("other"),
              "MILLRACE_JWKS_URL",
              provider.address().toString())) {
        Answer early = send(other, byFirst);
        assertThat(early.status()).isEqualTo(503);
        assertThat(early.body()).contains("\"code\":\"authentication_unavailable\"");
        assertThat(Integer.parseInt(early.header("retry-after"))).isBetween(1, 20);

        provider.setDown(false);
        awaitStatus(other, byFirst, 200);

        // A key that is not published yet may be by the time that we may ask again.
        awaitStatus(other, bySecond, 401);
        provider.publish(key.toPublicJWK(), second.toPublicJWK());
        awaitStatus(other, bySecond, 200);

        provider.setDown(true);
        awaitStatus(other, signed(own, naming(own), good()), 503);
        assertThat(send(other, byFirst).status()).isEqualTo(200);
        assertThat(send(other, bySecond).status()).isEqualTo(200);
      }
    }
  }

  // Protocol 14-15, 15-8.
  @ParameterizedTest
  @ValueSource(strings = {"false", "true"})
  void aWithdrawnKeyEndsWhatItsTokensBegan(String isEventStream, LocalPostgres postgres)
      throws Exception {
    String token = signed(key, naming(key), good());
    try (KeyServer provider = new KeyServer()) {
      provider.publish(key.toPublicJWK(), own.toPublicJWK());
      try (WriteServer other =
          WriteServer.start(
              postgres,
              folder.resolve("withdrawn-" + isEventStream),
              "MILLRACE_JWKS_URL",
              provider.address().toString(),
              "MILLRACE_JWKS_REFRESH",
              "2",
              "MILLRACE_LONG_POLL_TIMEOUT",
              "2",
              "MILLRACE_SSE_TIMEOUT",
              "2")) {
        ShapeHttp reader = other.http().with("authorization", "Bearer " + token);
        ShapeCopy copy = ShapeCopy.of(reader, "notes");
        provider.publish(own.toPublicJWK());

        Awaitility.await()
            .atMost(20, TimeUnit.SECONDS)
            .until(() ->
                reader.shape(copy.next("live", "true", "live_sse", isEventStream)).status() == 401);
        assertThat(send(other, token).status()).isEqualTo(401);
      }
    }
  }

  private static void awaitStatus(WriteServer of, String token, int status) {
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .pollInterval(200, TimeUnit.MILLISECONDS)
        .until(() -> send(of, token).status() == status);
  }
}
