package dev.millrace.client;

import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Whatever fails, nothing that a user wrote is lost, nothing is applied twice, no row goes back in
 * time, and all end with the same. {@code MILLRACE_SEEDS} says how many seeds, {@code
 * MILLRACE_FIRST_SEED} where they begin, {@code MILLRACE_SEED} which one alone.
 */
class SimulationTest {

  private static final int SEEDS = 2_000;

  @Test
  void everyDeviceKeepsItsPromisesAndEndsWithWhatTheServerHas() {
    Optional<Long> one = Optional.ofNullable(System.getenv("MILLRACE_SEED")).map(Long::valueOf);
    if (one.isPresent()) {
      run(one.get());
      return;
    }
    long first = number("MILLRACE_FIRST_SEED", 1);
    long seeds = number("MILLRACE_SEEDS", SEEDS);
    LongStream.range(first, first + seeds).parallel().forEach(SimulationTest::run);
  }

  private static long number(String name, long otherwise) {
    return Optional.ofNullable(System.getenv(name)).map(Long::valueOf).orElse(otherwise);
  }

  private static void run(long seed) {
    try (Simulation simulation = new Simulation(seed)) {
      try {
        simulation.run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            "replay: MILLRACE_SEED=%d ./millrace test SimulationTest%n%s%n%s"
                .formatted(seed, e.getMessage(), simulation.describe()),
            e);
      }
    }
  }
}
