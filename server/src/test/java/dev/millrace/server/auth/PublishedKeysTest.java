package dev.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSHeader;
import dev.millrace.server.auth.InvalidToken.Cause;
import java.text.ParseException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PublishedKeysTest {

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration RARELY = Duration.ofMinutes(4);
  private static final Duration FETCH = Duration.ofSeconds(2);

  private KeyServer server;

  @BeforeEach
  void start() throws Exception {
    server = new KeyServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private PublishedKeys keys(Duration fresh, Duration between, Duration outage) {
    return new PublishedKeys(
        new AuthSettings.KeySet(
            server.address(), new AuthSettings.KeySet.Times(fresh, between, outage, FETCH)));
  }

  private static JWSHeader naming(String keyId) throws ParseException {
    return JWSHeader.parse("{\"alg\":\"ES256\",\"kid\":\"%s\"}".formatted(keyId));
  }

  private static Cause refusal(PublishedKeys keys, String keyId) throws ParseException {
    try {
      keys.matching(naming(keyId));
      throw new AssertionError(keyId + " is known");
    } catch (InvalidToken e) {
      return e.cause();
    }
  }

  private static boolean knows(PublishedKeys keys, String keyId) throws ParseException {
    try {
      return !keys.matching(naming(keyId)).isEmpty();
    } catch (InvalidToken | AuthUnavailable e) {
      return false;
    }
  }

  @Test
  void aNewKeyIsFetchedWhenATokenNamesIt() throws Exception {
    server.publish(Signer.ec("old"));
    try (PublishedKeys keys = keys(LONG, Duration.ofMillis(10), LONG)) {
      assertThat(keys.matching(naming("old"))).hasSize(1);
      assertThat(keys.matching(naming("old"))).hasSize(1);
      assertThat(server.asked()).isEqualTo(1);

      server.publish(Signer.ec("old"), Signer.ec("new"));

      await().until(() -> knows(keys, "new"));
    }
  }

  @Test
  void inventedKeysDoNotMakeUsFetchWithoutEnd() throws Exception {
    server.publish(Signer.ec("a"));
    try (PublishedKeys keys = keys(LONG, RARELY, LONG)) {
      for (int i = 0; i < 200; i++) {
        assertThat(refusal(keys, "invented-" + i)).isEqualTo(Cause.KEY);
      }

      assertThat(server.asked()).isLessThanOrEqualTo(4);
      assertThat(keys.matching(naming("a"))).hasSize(1);
    }
  }

  @Test
  void aWithdrawnKeyIsForgotten() throws Exception {
    server.publish(Signer.ec("a"));
    try (PublishedKeys keys = keys(Duration.ofMillis(300), Duration.ofMillis(10), LONG)) {
      assertThat(keys.matching(naming("a"))).hasSize(1);

      server.publish(Signer.ec("b"));

      await().until(() -> !knows(keys, "a"));
      await().until(() -> knows(keys, "b"));
    }
  }

  @Test
  void theLastKeysHoldWhileTheAddressDoesNotAnswerButNotForEver() throws Exception {
    server.publish(Signer.ec("a"));
    Duration outage = Duration.ofMillis(1_500);
    try (PublishedKeys keys = keys(Duration.ofMillis(200), Duration.ofMillis(10), outage)) {
      assertThat(keys.matching(naming("a"))).hasSize(1);
      int asked = server.asked();
      server.fail();

      // They are old now, and a fresh set was asked for in vain.
      await()
          .until(() -> {
            assertThat(knows(keys, "a")).isTrue();
            return server.asked() > asked;
          });
      await().until(() -> !knows(keys, "a"));
      assertThatExceptionOfType(AuthUnavailable.class).isThrownBy(() -> keys.matching(naming("a")));

      server.publish(Signer.ec("a"));
      await().until(() -> knows(keys, "a"));
    }
  }

  @Test
  void anUnknownKeyDuringAnOutageIsNotTheClientsFault() throws Exception {
    server.publish(Signer.ec("a"));
    try (PublishedKeys keys = keys(LONG, Duration.ofMillis(1), LONG)) {
      assertThat(keys.matching(naming("a"))).hasSize(1);
      server.fail();

      await()
          .untilAsserted(() ->
              assertThatExceptionOfType(AuthUnavailable.class)
                  .isThrownBy(() -> keys.matching(naming("b"))));
    }
  }

  @Test
  void whatIsNoKeySetOrTooLargeIsNoKeySet() throws Exception {
    for (String document :
        new String[] {
          "<html>", "[]", "{}", "", "{\"keys\":[" + " ".repeat(300_000) + "]}", "{\"keys\":7}"
        }) {
      server.publish(document);
      try (PublishedKeys keys = keys(LONG, RARELY, LONG)) {
        assertThatExceptionOfType(AuthUnavailable.class)
            .as(document)
            .isThrownBy(() -> keys.matching(naming("a")));
      }
    }
  }

  @Test
  void weakKeysDoNotCount() throws Exception {
    server.publish(Signer.rsa("weak", 1024));
    try (PublishedKeys keys = keys(LONG, RARELY, LONG)) {
      assertThatExceptionOfType(InvalidToken.class)
          .isThrownBy(() -> keys.matching(JWSHeader.parse("{\"alg\":\"RS256\",\"kid\":\"weak\"}")));
    }
  }
}
