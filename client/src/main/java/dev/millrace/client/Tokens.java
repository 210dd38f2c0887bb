package dev.millrace.client;

import dev.millrace.client.transport.TokenSource;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks an application's supplier for tokens of one session, on a thread where it may take its time,
 * and tells the answer on another. A token that is not the user's is as good as none: rows of one
 * user must not come into the store of another.
 *
 * <p>One call is under way at a time; who asks meanwhile shares its answer. But who was refused a
 * token waits for the next call, since this one may give the same token again. May be used from any
 * thread.
 */
final class Tokens implements TokenSource {

  /** Beyond these the oldest are forgotten: whoever asked has given up, and asked again. */
  private static final int MOST_WAITERS = 1_000;

  private final TokenSupplier supplier;
  private final String user;
  private final Executor asking;
  private final Executor telling;
  private final Object lock = new Object();
  private final Deque<Consumer<Asked>> waiting = new ArrayDeque<>();
  private final Deque<Consumer<Asked>> waitingForNext = new ArrayDeque<>();
  private boolean isAsking;
  private boolean isRefreshing;
  private boolean isGivenUp;
  private @Nullable Thread thread;

  /**
   * Makes one that has not asked yet.
   *
   * @param asking runs one call at a time, which may block for as long as it likes
   * @param telling runs those who are told
   */
  Tokens(TokenSupplier supplier, String user, Executor asking, Executor telling) {
    this.supplier = supplier;
    this.user = user;
    this.asking = asking;
    this.telling = telling;
  }

  @Override
  public void ask(boolean isRefresh, Consumer<Asked> answer) {
    synchronized (lock) {
      if (isGivenUp) {
        return;
      }
      boolean isForNext = isAsking && isRefresh && !isRefreshing;
      Deque<Consumer<Asked>> queue = isForNext ? waitingForNext : waiting;
      if (queue.size() == MOST_WAITERS) {
        queue.removeFirst();
      }
      queue.add(answer);
      if (isAsking) {
        return;
      }
      isAsking = true;
      isRefreshing = isRefresh;
    }
    asking.execute(() -> call(isRefresh));
  }

  private void call(boolean isRefresh) {
    synchronized (lock) {
      if (isGivenUp) {
        return;
      }
      thread = Thread.currentThread();
    }
    Asked asked = new Asked.Failed("the supplier of tokens broke");
    try {
      asked = called(isRefresh);
    } finally {
      answer(asked);
    }
  }

  private void answer(Asked asked) {
    List<Consumer<Asked>> answered;
    boolean isNextDue;
    synchronized (lock) {
      thread = null;
      if (isGivenUp) {
        return;
      }
      answered = List.copyOf(waiting);
      waiting.clear();
      waiting.addAll(waitingForNext);
      waitingForNext.clear();
      isNextDue = !waiting.isEmpty();
      isAsking = isNextDue;
      isRefreshing = isNextDue;
    }
    answered.forEach(one -> telling.execute(() -> one.accept(asked)));
    if (isNextDue) {
      asking.execute(() -> call(true));
    }
  }

  /** Nobody is told any more; a call under way is interrupted, and left alone if it goes on. */
  void giveUp() {
    synchronized (lock) {
      isGivenUp = true;
      waiting.clear();
      waitingForNext.clear();
      if (thread != null && thread != Thread.currentThread()) {
        thread.interrupt();
      }
    }
  }

  private Asked called(boolean isRefresh) {
    try {
      Optional<String> token = supplier.token(isRefresh);
      if (token.isEmpty()) {
        return new Asked.Failed("there is no token");
      }
      return subject(token.get()).equals(Optional.of(user))
          ? new Asked.Ready(token)
          : new Asked.Failed("the token is another user's");
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return new Asked.Failed("no token is to be had: " + e);
    }
  }

  /** The claim {@code sub} of a token, unverified: the server verifies it. */
  static Optional<String> subject(String token) {
    String[] parts = token.split("\\.", -1);
    try {
      byte[] payload = Base64.getUrlDecoder().decode(parts.length > 1 ? parts[1] : "");
      return JsonReader.read(payload, JsonLimits.DEFAULT) instanceof Json.Members claims
              && claims.member("sub").orElse(Json.NULL) instanceof Json.Text(String subject)
          ? Optional.of(subject)
          : Optional.empty();
    } catch (IllegalArgumentException | InvalidJson e) {
      return Optional.empty();
    }
  }
}
