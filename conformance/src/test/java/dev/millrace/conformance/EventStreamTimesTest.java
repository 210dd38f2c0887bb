package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How long an event stream lasts and is silent, as set (protocol section 6.5). */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class EventStreamTimesTest {
  @TempDir private Path folder;

  // Protocol 6.5-4, 6.5-5.
  @Test
  void aSilentStreamSaysThatItIsThereAndEndsInTime(LocalPostgres postgres) throws Exception {
    Map<String, String> settings =
        Map.of("MILLRACE_SSE_TIMEOUT", "3", "MILLRACE_SSE_KEEP_ALIVE", "1");
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, settings);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute("create table quiet (id int primary key)");
      ShapeCopy copy = ShapeCopy.of(http, "quiet");

      HttpResponse<InputStream> stream = http.stream(copy.next("live", "true", "live_sse", "true"));

      assertThat(stream.body().readAllBytes()).asString(UTF_8).matches("(: keep-alive\n\n)+");
      assertThat(stream.headers().firstValue("cache-control")).contains("public, max-age=2");
    }
  }
}
