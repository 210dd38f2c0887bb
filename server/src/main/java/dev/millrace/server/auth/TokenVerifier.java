package dev.millrace.server.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import dev.millrace.server.auth.InvalidToken.Cause;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a token proves (RFC 7519, and RFC 8725 on how not to do it). The keys we have decide
 * which algorithms count, never the token; keys that it brings along ({@code jwk}, {@code jku},
 * {@code x5u}) are not looked at. It must say whose it is and until when. Any thread; may block
 * while keys are fetched.
 */
final class TokenVerifier {

  /** Clocks differ. */
  static final Duration LEEWAY = Duration.ofSeconds(60);

  private static final int MAX_CHARACTERS = 8_192;
  private static final int MAX_SUBJECT = 255;
  private static final JsonLimits PAYLOAD = new JsonLimits(20, 1_000);

  /** In small letters; those of other kinds of tokens are no proof of who sends a request. */
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt");

  private final AuthSettings settings;
  private final SigningKeys keys;
  private final InstantSource clock;

  TokenVerifier(AuthSettings settings, SigningKeys keys, InstantSource clock) {
    this.settings = settings;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * What {@code token} says.
   *
   * @throws InvalidToken if it is not to be believed
   * @throws AuthUnavailable if nobody knows now
   */
  VerifiedToken verify(String token) throws InvalidToken {
    if (token.length() > MAX_CHARACTERS) {
      throw new InvalidToken(Cause.MALFORMED);
    }
    SignedJWT signed = parse(token);
    checkHeader(signed.getHeader());
    checkSignature(signed);
    return read(signed);
  }

  private static SignedJWT parse(String token) throws InvalidToken {
    try {
      return SignedJWT.parse(token);
    } catch (ParseException | RuntimeException e) {
      // The library trips over some of what is no token, such as a header that is null.
      throw new InvalidToken(Cause.MALFORMED);
    }
  }

  private static void checkHeader(JWSHeader header) throws InvalidToken {
    JOSEObjectType type = header.getType();
    boolean isOurs = type == null || TYPES.contains(type.getType().toLowerCase(Locale.ROOT));
    // What must be understood (RFC 7515, section 4.1.11), we do not understand.
    Set<String> critical = header.getCriticalParams();
    if (!isOurs || (critical != null && !critical.isEmpty())) {
      throw new InvalidToken(Cause.MALFORMED);
    }
  }

  private void checkSignature(SignedJWT token) throws InvalidToken {
    byte[] signed = token.getSigningInput();
    for (SigningKeys.Key key : keys.matching(token.getHeader())) {
      try {
        if (key.isSignedBy(token.getHeader(), signed, token.getSignature())) {
          return;
        }
      } catch (JOSEException e) {
        // This key cannot be the one.
      }
    }
    throw new InvalidToken(Cause.SIGNATURE);
  }

  private VerifiedToken read(SignedJWT token) throws InvalidToken {
    JWTClaimsSet claims;
    Json payload;
    try {
      claims = token.getJWTClaimsSet();
      // Postgres will read it too: what two parsers may understand differently is refused.
      payload = JsonReader.read(token.getPayload().toString(), PAYLOAD);
    } catch (ParseException | InvalidJson e) {
      throw new InvalidToken(Cause.MALFORMED);
    }
    Instant expiresAt = checkTimes(claims);
    checkOrigin(claims);
    return new VerifiedToken(subject(claims), role(claims), payload.toString(), expiresAt);
  }

  private Instant checkTimes(JWTClaimsSet claims) throws InvalidToken {
    Instant now = clock.instant();
    Instant expiresAt = instant(claims.getExpirationTime());
    if (expiresAt == null) {
      throw new InvalidToken(Cause.CLAIMS);
    }
    if (!expiresAt.plus(LEEWAY).isAfter(now)) {
      throw new InvalidToken(Cause.EXPIRED);
    }
    if (isTooEarly(claims.getNotBeforeTime(), now) || isTooEarly(claims.getIssueTime(), now)) {
      throw new InvalidToken(Cause.EARLY);
    }
    return expiresAt;
  }

  private static boolean isTooEarly(@Nullable Date begin, Instant now) {
    return begin != null && begin.toInstant().minus(LEEWAY).isAfter(now);
  }

  private static @Nullable Instant instant(@Nullable Date date) {
    return date == null ? null : date.toInstant();
  }

  private void checkOrigin(JWTClaimsSet claims) throws InvalidToken {
    Optional<String> issuer = settings.issuer();
    if (issuer.isPresent() && !issuer.get().equals(claims.getIssuer())) {
      throw new InvalidToken(Cause.ISSUER);
    }
    List<String> audience = claims.getAudience();
    if (settings.audience().filter(ours -> !audience.contains(ours)).isPresent()) {
      throw new InvalidToken(Cause.AUDIENCE);
    }
  }

  /** Postgres cannot hold a zero character in a setting. */
  private static String subject(JWTClaimsSet claims) throws InvalidToken {
    String subject = claims.getSubject();
    if (subject == null
        || subject.isBlank()
        || subject.length() > MAX_SUBJECT
        || subject.indexOf('\0') >= 0) {
      throw new InvalidToken(Cause.CLAIMS);
    }
    return subject;
  }

  private static Optional<String> role(JWTClaimsSet claims) {
    return claims.getClaim("role") instanceof String role ? Optional.of(role) : Optional.empty();
  }
}
