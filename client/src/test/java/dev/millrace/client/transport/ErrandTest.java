package dev.millrace.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a stream or a sender has under way. */
class ErrandTest {

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<String> heard = new ArrayList<>();

  private final class Tasks implements Scheduler {
    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
      return () -> {};
    }

    @Override
    public void close() {
      tasks.clear();
    }
  }

  private final class Listener implements Transport.Listener {
    @Override
    public void onHead(HttpHead head) {
      heard.add("head");
    }

    @Override
    public void onBody(byte[] piece) {
      heard.add("body");
    }

    @Override
    public void onEnd() {
      heard.add("end");
    }

    @Override
    public void onFailure(String reason) {
      heard.add(reason);
    }
  }

  @Test
  void aRequestThatCannotBeMadeIsAFailureLikeAnotherAndSaysNoToken() {
    try (JdkTransport transport = JdkTransport.create()) {
      World world =
          new World(
              new Tasks(),
              transport,
              InstantSource.system(),
              System::nanoTime,
              new Random(1),
              (isRefresh, answer) ->
                  answer.accept(new TokenSource.Asked.Ready(Optional.of("secret\n"))));
      Errand errand = new Errand(world, () -> heard.add("silence"));
      errand.askToken(false, () -> heard.add("token"), heard::add);

      errand.send(HttpCall.get(URI.create("http://localhost:1"), errand.headers()), new Listener());
      assertThat(heard).containsExactly("token");
      while (!tasks.isEmpty()) {
        tasks.remove().run();
      }

      assertThat(heard).hasSize(2);
      assertThat(heard.getLast()).contains("cannot be sent").doesNotContain("secret");
    }
  }
}
