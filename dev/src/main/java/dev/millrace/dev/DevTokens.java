package dev.millrace.dev;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code POST /dev/token?user=ada}: signs a token for whoever is asked for, as text. The user is a
 * UUID, or a name that is made one. Part of {@code up} alone; answers no page of another origin.
 */
final class DevTokens implements Route {
  static final String PATH = "/dev/token";

  private static final Duration LIFE = Duration.ofHours(12);
  private static final int SECRET_BYTES = 32;
  private static final String UUID_FORM = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

  private final String secret;
  private final Optional<String> issuer;
  private final Optional<String> audience;
  private final InstantSource clock;

  private DevTokens(
      String secret, Optional<String> issuer, Optional<String> audience, InstantSource clock) {
    this.secret = secret;
    this.issuer = issuer;
    this.audience = audience;
    this.clock = clock;
  }

  /** Signs what a server with these settings believes; empty if that is for others to sign. */
  static Optional<DevTokens> of(Map<String, String> settings) {
    return setting(settings, "MILLRACE_JWT_SECRET")
        .map(secret ->
            new DevTokens(
                secret,
                setting(settings, "MILLRACE_JWT_ISSUER"),
                setting(settings, "MILLRACE_JWT_AUDIENCE"),
                InstantSource.system()));
  }

  private static Optional<String> setting(Map<String, String> settings, String name) {
    return Optional.ofNullable(settings.get(name)).filter(value -> !value.isBlank());
  }

  /** A secret that nobody has had before. */
  static String newSecret() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public Optional<Response> handle(Request request) {
    if (!request.path().equals(PATH) || !request.method().equals("POST")) {
      return Optional.empty();
    }
    String user = request.query().getOrDefault("user", "ada");
    Map<String, String> headers =
        Map.of("content-type", "text/plain; charset=utf-8", "cache-control", "no-store");
    return Optional.of(new Response(200, headers, token(user).getBytes(UTF_8)));
  }

  private String token(String user) {
    Instant now = clock.instant();
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .subject(id(user).toString())
            .claim("name", user)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(LIFE)));
    issuer.ifPresent(claims::issuer);
    audience.ifPresent(claims::audience);
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims.build());
    try {
      token.sign(new MACSigner(secret));
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot sign a token", e);
    }
    return token.serialize();
  }

  /** Rows of the example belong to users with UUIDs; two of them have names. */
  static UUID id(String user) {
    if (user.matches(UUID_FORM)) {
      return UUID.fromString(user);
    }
    String name = user.toLowerCase(Locale.ROOT);
    return switch (name) {
      case "ada" -> UUID.fromString("ada00000-0000-4000-8000-000000000001");
      case "grace" -> UUID.fromString("9ace0000-0000-4000-8000-000000000002");
      default -> UUID.nameUUIDFromBytes(name.getBytes(UTF_8));
    };
  }
}
