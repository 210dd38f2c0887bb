package dev.millrace.server.http;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks a slow question once for all who ask it at the same time. An answer is never older than the
 * call that gets it: who comes while the question is under way gets the answer of the next one. So
 * each key has at most one question under way, however many ask. Any thread; blocks.
 */
final class SharedLookup<K, V> {

  private final Function<K, V> question;
  private final Executor workers;
  private final Map<K, Asked<V>> underWay = new HashMap<>();

  /** The answer that is awaited, and the one that is to be fetched after it. */
  private static final class Asked<V> {

    private final CompletableFuture<V> answer = new CompletableFuture<>();
    private @Nullable Asked<V> next;
  }

  /**
   * Makes a lookup.
   *
   * @param workers run the questions; may block
   */
  SharedLookup(Function<K, V> question, Executor workers) {
    this.question = question;
    this.workers = workers;
  }

  /**
   * The answer for {@code key}.
   *
   * @throws RuntimeException that the question threw
   */
  V get(K key) {
    try {
      return join(key).answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private synchronized Asked<V> join(K key) {
    Asked<V> running = underWay.get(key);
    if (running == null) {
      Asked<V> first = new Asked<>();
      start(key, first);
      return first;
    }
    if (running.next == null) {
      running.next = new Asked<>();
    }
    return running.next;
  }

  private void start(K key, Asked<V> asked) {
    underWay.put(key, asked);
    workers.execute(() -> ask(key, asked));
  }

  private void ask(K key, Asked<V> asked) {
    try {
      asked.answer.complete(question.apply(key));
    } catch (RuntimeException e) {
      asked.answer.completeExceptionally(e);
    } finally {
      asked.answer.completeExceptionally(new IllegalStateException("the question broke off"));
      ended(key, asked);
    }
  }

  private synchronized void ended(K key, Asked<V> asked) {
    underWay.remove(key);
    if (asked.next != null) {
      start(key, asked.next);
    }
  }
}
