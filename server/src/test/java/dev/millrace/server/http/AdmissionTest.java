package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdmissionTest {

  @Test
  void noMoreThanTheLimitAreIn() {
    Admission admission = new Admission("initial", 2);

    assertThat(admission.enter()).isTrue();
    assertThat(admission.enter()).isTrue();
    assertThat(admission.enter()).isFalse();
    admission.leave();

    assertThat(admission.enter()).isTrue();
    assertThat(admission.admitted()).isEqualTo(2);
  }

  @Test
  void theLimitHoldsForManyAtOnce() throws Exception {
    Admission admission = new Admission("existing", 3);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Callable<Integer> visitor =
        () -> {
          int visits = 0;
          for (int i = 0; i < 1000; i++) {
            if (admission.enter()) {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              Thread.onSpinWait();
              inside.decrementAndGet();
              admission.leave();
              visits++;
            }
          }
          return visits;
        };

    int visits = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> visitors = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        visitors.add(threads.submit(visitor));
      }
      for (Future<Integer> each : visitors) {
        visits += each.get();
      }
    }

    assertThat(most.get()).isBetween(1, 3);
    assertThat(visits).isPositive();
    assertThat(admission.admitted()).isZero();
  }
}
