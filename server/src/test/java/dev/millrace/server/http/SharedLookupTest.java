package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class SharedLookupTest {

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  /** A world that moves on by itself: an answer tells how far it had come when asked. */
  @Test
  void anAnswerIsNeverOlderThanTheCall() throws Exception {
    AtomicInteger world = new AtomicInteger();
    AtomicInteger questions = new AtomicInteger();
    SharedLookup<String, Integer> lookup =
        new SharedLookup<>(
            key -> {
              questions.incrementAndGet();
              int seen = world.get();
              Thread.onSpinWait();
              return seen;
            },
            threads);
    Callable<Boolean> caller =
        () -> {
          for (int i = 0; i < 200; i++) {
            int before = world.incrementAndGet();
            if (lookup.get("key") < before) {
              return false;
            }
          }
          return true;
        };

    List<Future<Boolean>> callers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      callers.add(threads.submit(caller));
    }

    for (Future<Boolean> isFresh : callers) {
      assertThat(isFresh.get()).isTrue();
    }
    assertThat(questions).hasValueLessThan(4000);
  }

  @Test
  void whoComesWhileAQuestionIsUnderWayGetsTheAnswerOfTheNext() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    SharedLookup<String, String> lookup = slow(asked, answers);

    Future<String> first = threads.submit(() -> lookup.get("key"));
    asked.take();
    List<Future<String>> later = new ArrayList<>();
    BlockingQueue<Thread> begun = new LinkedBlockingQueue<>();
    for (int i = 0; i < 5; i++) {
      later.add(
          threads.submit(() -> {
            begun.add(Thread.currentThread());
            return lookup.get("key");
          }));
    }
    for (int i = 0; i < 5; i++) {
      awaitParked(begun.take());
    }
    answers.add("old");
    asked.take();
    answers.add("new");

    assertThat(first.get()).isEqualTo("old");
    for (Future<String> answer : later) {
      assertThat(answer.get()).isEqualTo("new");
    }
    assertThat(asked).isEmpty();
  }

  private static void awaitParked(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  private static SharedLookup<String, String> slow(
      BlockingQueue<String> asked, BlockingQueue<String> answers) {
    return new SharedLookup<>(
        key -> {
          asked.add(key);
          try {
            return answers.take();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  @Test
  void keysDoNotWaitForOneAnother() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    SharedLookup<String, String> lookup = slow(asked, answers);

    Future<String> one = threads.submit(() -> lookup.get("one"));
    Future<String> two = threads.submit(() -> lookup.get("two"));

    assertThat(List.of(asked.take(), asked.take())).containsExactlyInAnyOrder("one", "two");
    answers.addAll(List.of("x", "y"));
    assertThat(List.of(one.get(), two.get())).containsExactlyInAnyOrder("x", "y");
  }

  @Test
  void anErrorReachesAllWhoWaitForItAndNobodyElse() {
    AtomicInteger questions = new AtomicInteger();
    SharedLookup<String, String> lookup =
        new SharedLookup<>(
            key -> {
              if (questions.incrementAndGet() == 1) {
                throw new IllegalArgumentException("first");
              }
              return "fine";
            },
            threads);

    assertThatThrownBy(() -> lookup.get("key"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("first");
    assertThat(lookup.get("key")).isEqualTo("fine");
  }

  @Test
  void aQuestionThatBreaksOffLeavesNobodyWaiting() {
    SharedLookup<String, String> lookup =
        new SharedLookup<>(
            key -> {
              throw new StackOverflowError("deep");
            },
            task -> Thread.ofVirtual().uncaughtExceptionHandler((thread, error) -> {}).start(task));

    assertThatThrownBy(() -> lookup.get("key")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> lookup.get("key")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void allCallersOfAFailingQuestionGetItsError() throws Exception {
    SharedLookup<String, String> lookup =
        new SharedLookup<>(
            key -> {
              throw new IllegalArgumentException(key);
            },
            threads);
    List<Future<String>> callers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      callers.add(threads.submit(() -> lookup.get("key")));
    }

    for (Future<String> caller : callers) {
      assertThatThrownBy(caller::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IllegalArgumentException.class);
    }
  }
}
