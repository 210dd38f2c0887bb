package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Protocol section 3.1. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpCachingTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpCachingTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  // Protocol 3.1-1, 3.1-2, 3.1-3, 3.1-4, 3.1-6, 3.1-7.
  @Test
  void eachKindOfAnswerSaysHowLongItMayBeKept() throws Exception {
    ShapeCopy copy = server.copy("items");

    Answer refused = http.shape("table", "items", "offset", "0_0", "handle", "1-1");
    Answer wrong = http.get("/v1/shape");
    Answer initial = http.get(ShapeServer.ITEMS);
    Answer live = http.shape(copy.next("live", "true"));
    Answer rest = http.shape(copy.next());
    Answer posted = http.send("POST", ShapeServer.ITEMS);
    Answer subset = http.get(ShapeServer.ITEMS + "&subset__where=id+%3D+1");
    Answer wrongPost = http.send("POST", "/v1/shape");
    Answer now = http.shape("table", "items", "offset", "now");

    assertThat(
            Stream.of(refused, wrong, initial, live, rest, now, posted, subset, wrongPost)
                .map(a -> a.header("cache-control")))
        .containsExactly(
            "public, max-age=60, must-revalidate",
            "no-store",
            "public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746",
            "public, max-age=5, stale-while-revalidate=5",
            "public, max-age=60, stale-while-revalidate=300",
            "public, max-age=60, stale-while-revalidate=300",
            "no-cache",
            "no-cache",
            "no-cache");
  }
}
