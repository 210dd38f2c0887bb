package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The long times that hold where nothing is set, all at once since they have to be waited for. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class UsualTimesTest {

  /** Takes memory for a moment, and minutes for all rows. */
  private static final String SLOW = "length(repeat(id::text, 20000000)) > 0";

  private final long begun = System.nanoTime();

  private long secondsPassed() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
  }

  // Protocol 6.5-4, 6.5-5, 9-6.
  @Test
  void anEventStreamLastsAMinuteAndASubsetHalfOfOne(LocalPostgres postgres, @TempDir Path folder)
      throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute(
          "create table works (id int primary key)",
          "insert into works select generate_series(1000, 20000)");
      ShapeCopy copy = ShapeCopy.of(http, "works");

      long start = secondsPassed();
      HttpResponse<InputStream> stream = http.stream(copy.next("live", "true", "live_sse", "true"));
      CompletableFuture<Answer> subset = http.shapeLater(copy.next("subset__where", SLOW));

      Answer refused = subset.get(45, TimeUnit.SECONDS);
      assertThat(secondsPassed() - start).isBetween(29L, 40L);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.body()).contains("Snapshot query took too long to return data");

      assertThat(stream.body().readAllBytes()).asString(UTF_8).matches("(: keep-alive\n\n){2}");
      assertThat(secondsPassed() - start).isBetween(59L, 66L);
    }
  }
}
