package dev.millrace.server.auth;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which tokens are believed, and what their owners are in Postgres.
 *
 * @param issuer and {@code audience}: what a token must name, if anything
 * @param userRole the role in Postgres of a token that names none of {@code roles}
 */
public record AuthSettings(
    Keys keys,
    Optional<String> issuer,
    Optional<String> audience,
    String userRole,
    Set<String> roles) {

  public AuthSettings {
    roles = Set.copyOf(roles);
  }

  /** All roles that a request may come to act as, in a fixed order. */
  public Set<String> allRoles() {
    Set<String> all = new TreeSet<>(roles);
    all.add(userRole);
    return all;
  }

  /** Who signs. */
  public sealed interface Keys {}

  /** Whoever shares a secret with us; HS256. */
  public record Secret(String text) implements Keys {

    /** A hash cannot be stronger than its key (RFC 7518, section 3.2). */
    public static final int LEAST_BYTES = 32;

    public Secret {
      if (text.getBytes(StandardCharsets.UTF_8).length < LEAST_BYTES) {
        throw new IllegalArgumentException("must have at least " + LEAST_BYTES + " bytes");
      }
    }

    @Override
    public String toString() {
      return "a secret";
    }
  }

  /** Who publishes his keys at an address: RS256, ES256, EdDSA with Ed25519. */
  public record KeySet(URI address, Times times) implements Keys {

    private static final Duration BETWEEN = Duration.ofSeconds(5);
    private static final Duration OUTAGE = Duration.ofHours(1);
    private static final Duration FETCH = Duration.ofSeconds(5);

    /**
     * When keys are fetched.
     *
     * @param fresh for how long they are not fetched again
     * @param between the least time between two rounds of fetching, whatever tokens name
     * @param outage for how long they are good while nothing newer is to be had
     * @param fetch the longest that one attempt takes
     */
    public record Times(Duration fresh, Duration between, Duration outage, Duration fetch) {

      /**
       * Unhurried enough for whoever publishes them.
       *
       * @param fresh how long a withdrawn key may count, at least a second
       */
      public static Times refreshedAfter(Duration fresh) {
        Duration half = fresh.dividedBy(2);
        Duration between = half.compareTo(BETWEEN) < 0 ? half : BETWEEN;
        return new Times(fresh, between, OUTAGE, FETCH);
      }
    }

    public KeySet {
      boolean isHttp = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
      if (!isHttp || address.getHost() == null) {
        throw new IllegalArgumentException("must be an address of http or https");
      }
    }
  }
}
