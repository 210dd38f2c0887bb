package dev.millrace.client.transport;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a stream or a sender has under way, one thing at a time: a token it asked for, a request, or
 * a pause. Each has a number, by which late news of what was given up is known; what is waited for
 * is watched, since the other side may never answer. All of it runs on the scheduler.
 */
public final class Errand {

  private static final Duration TOKEN_LIMIT = Duration.ofMinutes(1);

  private final World world;
  private final Runnable onSilence;
  private long number;
  private Transport.@Nullable Exchange exchange;
  private Scheduler.@Nullable Timer timer;
  private Scheduler.@Nullable Timer watchdog;
  private Optional<String> token = Optional.empty();

  /**
   * Makes one without anything under way.
   *
   * @param onSilence called when what is watched has said nothing for too long
   */
  public Errand(World world, Runnable onSilence) {
    this.world = world;
    this.onSilence = onSilence;
  }

  /** The number of what begins now, in the place of what was before. */
  public long begin() {
    return ++number;
  }

  /** Whether nothing has taken its place. */
  public boolean isCurrent(long one) {
    return one == number;
  }

  /** Waits. */
  public void pause(Duration delay, Runnable onElapsed) {
    long mine = begin();
    timer = world.scheduler().after(delay, () -> ifCurrent(mine, onElapsed));
  }

  /** Waits for a random time that grows with the failures in a row, and for no less than that. */
  public void backOff(int failures, Duration atLeast, Runnable onElapsed) {
    pause(Backoff.draw(world.random(), failures, atLeast), onElapsed);
  }

  private void ifCurrent(long one, Runnable work) {
    if (isCurrent(one)) {
      work.run();
    }
  }

  /** Gives it that long from now on before it is silent. */
  public void watch(long one, Duration limit) {
    unwatch();
    watchdog = world.scheduler().after(limit, () -> ifCurrent(one, onSilence));
  }

  private void unwatch() {
    if (watchdog != null) {
      watchdog.cancel();
      watchdog = null;
    }
  }

  /** Asks for a token, which the next requests carry. */
  public void askToken(boolean isRefresh, Runnable onReady, Consumer<String> onFailed) {
    long mine = begin();
    watch(mine, TOKEN_LIMIT);
    world.tokens().ask(isRefresh, asked -> ifCurrent(mine, () -> take(asked, onReady, onFailed)));
  }

  private void take(TokenSource.Asked asked, Runnable onReady, Consumer<String> onFailed) {
    switch (asked) {
      case TokenSource.Asked.Ready(Optional<String> ready) -> {
        token = ready;
        onReady.run();
      }
      case TokenSource.Asked.Failed(String reason) -> onFailed.accept(reason);
    }
  }

  /** Headers with the token, if there is one. */
  public Map<String, String> headers() {
    Map<String, String> headers = new HashMap<>();
    token.ifPresent(text -> headers.put("authorization", "Bearer " + text));
    return headers;
  }

  /** Sends a request; one that cannot be made, as with a token of odd characters, has failed. */
  public void send(HttpCall call, Transport.Listener listener) {
    exchange = null;
    try {
      exchange = world.transport().send(call, listener, world.scheduler());
    } catch (RuntimeException e) {
      String reason = withoutToken("the request cannot be sent: " + e);
      world.scheduler().execute(() -> listener.onFailure(reason));
    }
  }

  private String withoutToken(String text) {
    return token
        .map(String::strip)
        .filter(secret -> !secret.isEmpty())
        .map(secret -> text.replace(secret, "…"))
        .orElse(text);
  }

  /** Gives up what is under way. */
  public void cancel() {
    number++;
    if (exchange != null) {
      exchange.cancel();
      exchange = null;
    }
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    unwatch();
  }
}
