package dev.millrace.server.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.JWKSetBasedJWKSource;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys at an address (RFC 7517), fetched when they are first needed, when they have grown old,
 * and when a token names one that is not among them, though not more often than is seemly. While
 * the address does not answer, the last ones hold for a bounded time.
 */
final class PublishedKeys implements SigningKeys {

  private static final Logger log = LoggerFactory.getLogger(PublishedKeys.class);

  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);

  /** Shorter ones can be broken (RFC 7518, section 3.3). */
  private static final int LEAST_RSA_BITS = 2048;

  /** Of a token that does not name its key, so many are tried. */
  private static final int MOST_TRIED = 10;

  private static final long LONGEST_WAIT_MILLIS = 15_000;

  private final ExecutorService refreshers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("key-refresh-", 0).factory());
  private final KeyDownload download;
  private final JWKSource<SecurityContext> keys;

  PublishedKeys(AuthSettings.KeySet settings) {
    AuthSettings.KeySet.Times times = settings.times();
    long fresh = times.fresh().toMillis();
    this.download = new KeyDownload(times.fetch());
    try {
      this.keys =
          JWKSourceBuilder.create(settings.address().toURL(), download)
              .cache(fresh, Math.min(LONGEST_WAIT_MILLIS, fresh / 2))
              .refreshAheadCache(fresh / 10, null, refreshers, false, null, false)
              .rateLimited(times.between().toMillis())
              .retrying(true)
              .outageTolerant(times.outage().toMillis())
              .build();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException("not an address: " + settings.address(), e);
    }
  }

  @Override
  public List<Key> matching(JWSHeader header) throws InvalidToken {
    if (!ALGORITHMS.contains(header.getAlgorithm())) {
      throw new InvalidToken(InvalidToken.Cause.ALGORITHM);
    }
    List<Key> usable = new ArrayList<>();
    for (JWK key : select(new JWKSelector(JWKMatcher.forJWSHeader(header)))) {
      add(key, usable);
    }
    if (usable.isEmpty() && download.isFailing()) {
      throw new AuthUnavailable("a token names a key that cannot be fetched now");
    } else if (usable.isEmpty()) {
      throw new InvalidToken(InvalidToken.Cause.KEY);
    }
    return usable.subList(0, Math.min(usable.size(), MOST_TRIED));
  }

  private List<JWK> select(JWKSelector selector) throws InvalidToken {
    try {
      return keys.get(selector, null);
    } catch (RateLimitReachedException e) {
      if (!download.isFailing()) {
        throw new InvalidToken(InvalidToken.Cause.KEY);
      }
      throw new AuthUnavailable("there are no keys for tokens");
    } catch (KeySourceException e) {
      log.debug("no keys", e);
      throw new AuthUnavailable("there are no keys for tokens: " + e.getMessage());
    }
  }

  private static void add(JWK key, List<Key> usable) {
    try {
      switch (key) {
        case RSAKey rsa when rsa.size() >= LEAST_RSA_BITS ->
            usable.add(new RSASSAVerifier(rsa.toRSAPublicKey())::verify);
        case ECKey ec -> usable.add(new ECDSAVerifier(ec.toECPublicKey())::verify);
        case OctetKeyPair pair -> usable.add(Ed25519Key.of(pair));
        default -> log.debug("key {} is of no use", key.getKeyID());
      }
    } catch (JOSEException | IllegalArgumentException e) {
      log.debug("key {} cannot be used", key.getKeyID(), e);
    }
  }

  @Override
  public void close() {
    try {
      if (keys instanceof JWKSetBasedJWKSource<SecurityContext> source) {
        source.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      refreshers.shutdownNow();
      download.close();
    }
  }
}
