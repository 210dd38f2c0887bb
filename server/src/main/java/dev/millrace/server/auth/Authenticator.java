package dev.millrace.server.auth;

import dev.millrace.server.auth.InvalidToken.Cause;
import dev.millrace.server.postgres.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Tells who sends a request, by the token it carries. Any thread; blocks. */
public final class Authenticator implements AutoCloseable {

  private final AuthSettings settings;
  private final SigningKeys keys;
  private final TokenVerifier tokens;
  private final Roles roles;
  private final InstantSource clock;
  private final Map<Cause, LongAdder> refused = new EnumMap<>(Cause.class);

  /** Fetches and looks up nothing yet. */
  public Authenticator(AuthSettings settings, Database database, InstantSource clock) {
    this.settings = settings;
    this.keys =
        switch (settings.keys()) {
          case AuthSettings.Secret secret -> new SharedSecret(secret);
          case AuthSettings.KeySet set -> new PublishedKeys(set);
        };
    this.tokens = new TokenVerifier(settings, keys, clock);
    this.roles = new Roles(database, settings.allRoles(), clock);
    this.clock = clock;
    for (Cause cause : Cause.values()) {
      refused.put(cause, new LongAdder());
    }
  }

  /**
   * What makes it dangerous to let anybody in: roles that no policy holds. Each is a sentence with
   * what mends it.
   *
   * @throws dev.millrace.server.postgres.DatabaseException if Postgres cannot be asked
   */
  public List<String> dangers() {
    return roles.dangers();
  }

  /**
   * Whose token it is.
   *
   * @throws InvalidToken if it is not to be believed
   * @throws AuthUnavailable if nobody can be let in now
   */
  public Principal authenticate(String token) throws InvalidToken {
    try {
      VerifiedToken verified = tokens.verify(token);
      String role = verified.role().filter(settings.roles()::contains).orElse(settings.userRole());
      roles.require(role);
      return new Principal(verified.subject(), role, verified.claims(), verified.expiresAt());
    } catch (InvalidToken e) {
      count(e.cause());
      throw e;
    }
  }

  /** Whether the token of {@code principal} has not ended meanwhile. */
  public boolean isValid(Principal principal) {
    Instant end = principal.expiresAt().plus(TokenVerifier.LEEWAY);
    return end.isAfter(clock.instant());
  }

  /** For how long the token of {@code principal} still holds; zero if it has ended. */
  public Duration validFor(Principal principal) {
    Duration left =
        Duration.between(clock.instant(), principal.expiresAt().plus(TokenVerifier.LEEWAY));
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Counts a request that was refused for its token. */
  public void count(Cause cause) {
    LongAdder count = refused.get(cause);
    if (count != null) {
      count.increment();
    }
  }

  /** Requests refused since the start. */
  public Map<Cause, Long> refused() {
    Map<Cause, Long> counts = new EnumMap<>(Cause.class);
    refused.forEach((cause, count) -> counts.put(cause, count.sum()));
    return counts;
  }

  @Override
  public void close() {
    keys.close();
  }
}
