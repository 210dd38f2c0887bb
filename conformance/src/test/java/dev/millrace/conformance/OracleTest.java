package dev.millrace.conformance;

import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole system, with everything that can befall it: after each round all clients have what
 * Postgres has. {@code MILLRACE_ROUNDS} says how many rounds, {@code MILLRACE_SEED} which.
 */
class OracleTest {
  private static final int ROUNDS = 20;

  private static final Map<String, String> POSTGRES_SETTINGS = Map.of("deadlock_timeout", "50ms");

  @TempDir private Path folder;

  @Test
  void everyClientHasWhatPostgresHasWhateverHappens() throws Exception {
    long seed = Workload.seed();
    try (LocalPostgres postgres = LocalPostgres.temporary(POSTGRES_SETTINGS);
        Oracle oracle = Oracle.start(seed, postgres, folder)) {
      for (int round = 1; round <= rounds(); round++) {
        long begun = System.nanoTime();
        try {
          oracle.round(round);
        } catch (Exception | AssertionError e) {
          throw new AssertionError(report(seed, round, oracle, e), e);
        }
        System.out.printf("round %d: %d ms%n", round, (System.nanoTime() - begun) / 1_000_000);
      }
    }
  }

  private static int rounds() {
    String given = System.getenv("MILLRACE_ROUNDS");
    return given == null ? ROUNDS : Integer.parseInt(given);
  }

  private static String report(long seed, int round, Oracle oracle, Throwable cause) {
    return """
    In round %1$d: %3$s
    MILLRACE_SEED=%2$d MILLRACE_ROUNDS=%1$d ./millrace test OracleTest
    What was done last:
    %4$s
    What the server said last:
    %5$s
    """
        .formatted(round, seed, cause.getMessage(), oracle.trace(), oracle.serverLog());
  }
}
