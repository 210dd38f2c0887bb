package dev.millrace.examples.library.desktop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.client.transport.HttpCall;
import dev.millrace.client.transport.HttpHead;
import dev.millrace.client.transport.Transport;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class NetworkSwitchTest {

  private static final HttpCall CALL = HttpCall.get(URI.create("http://here/"), Map.of());

  private final List<String> told = new ArrayList<>();
  private final List<Transport.Listener> sent = new ArrayList<>();
  private final NetworkSwitch network = new NetworkSwitch();
  private int cancelled;

  private final Transport way =
      new Transport() {
        @Override
        public Exchange send(HttpCall call, Listener listener, Executor executor) {
          sent.add(listener);
          return () -> cancelled++;
        }

        @Override
        public void close() {}
      };

  private final Transport.Listener listener =
      new Transport.Listener() {
        @Override
        public void onHead(HttpHead head) {
          told.add("head " + head.status());
        }

        @Override
        public void onBody(byte[] piece) {
          told.add("body");
        }

        @Override
        public void onEnd() {
          told.add("end");
        }

        @Override
        public void onFailure(String reason) {
          told.add(reason);
        }
      };

  private Transport.Exchange send() {
    return network.over(way).send(CALL, listener, Runnable::run);
  }

  @Test
  void whatIsUnderWayFailsOnceWhenItIsCut() {
    send();
    sent.getFirst().onHead(new HttpHead(200, Map.of()));

    network.turn(false);
    network.turn(false);
    sent.getFirst().onBody(new byte[1]);
    sent.getFirst().onEnd();

    assertThat(told).containsExactly("head 200", "switched off here");
    assertThat(cancelled).isEqualTo(1);
  }

  @Test
  void nothingIsSentWhileItIsCutAndAllAfterwards() {
    network.turn(false);
    send();
    assertThat(sent).isEmpty();
    assertThat(told).containsExactly("switched off here");

    network.turn(true);
    send();
    sent.getFirst().onHead(new HttpHead(200, Map.of()));
    sent.getFirst().onBody(new byte[1]);
    sent.getFirst().onEnd();
    network.turn(false);

    assertThat(told).containsExactly("switched off here", "head 200", "body", "end");
  }

  @Test
  void whatIsGivenUpHearsNothingOfACut() {
    send().cancel();

    network.turn(false);

    assertThat(told).isEmpty();
  }

  @Test
  void aTokenIsKeptWhileItIsCutAndNoneIsAskedFor() throws Exception {
    List<Boolean> asked = new ArrayList<>();
    KeptToken token =
        new KeptToken(
            network,
            isRefresh -> {
              asked.add(isRefresh);
              return Optional.of("token " + asked.size());
            });
    assertThat(token.token(false)).contains("token 1");
    assertThat(token.token(true)).contains("token 2");

    network.turn(false);

    assertThat(token.token(false)).contains("token 2");
    assertThatThrownBy(() -> token.token(true)).isInstanceOf(IOException.class);
    assertThat(asked).containsExactly(false, true);
  }
}
