package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.protocol.Offset;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A client of our own that follows a shape as docs/protocol.md says, asks again whatever happens,
 * and fails at the first answer that is not as promised. It can be stopped, and goes on later from
 * the rows and the place it has. One thread calls the methods; another, {@code strict-client},
 * follows.
 */
final class StrictClient {
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  private static final long RETRY_MILLIS = 50;

  /** Refusals in a row without an answer between. */
  private static final int MOST_REFUSALS = 50;

  private final String name;
  private final Manner manner;
  private final HttpClient http;
  private final URI server;

  // Guarded by this.
  private final StrictCopy copy;
  private @Nullable Throwable failure;
  private Optional<String> farewell = Optional.empty();

  private int refusals;
  private String cursor = "";
  private volatile @Nullable Run run;

  /** How a client behaves. */
  record Manner(Live live, boolean beginsNow, boolean isCut, boolean knowsExactPlace) {
    static Manner random(Random random) {
      List<Live> lives = List.of(Live.values());
      Live live = lives.get(random.nextInt(lives.size()));
      return new Manner(live, random.nextInt(5) == 0, random.nextInt(3) == 0, random.nextBoolean());
    }
  }

  /** How it waits for changes. */
  enum Live {
    LONG_POLL,
    SSE,
    /** One and the other in turn. */
    BOTH
  }

  /** One time of following. */
  private record Run(Thread thread, CountDownLatch stopping) {}

  StrictClient(String name, HttpClient http, URI server, Manner manner, StrictCopy copy) {
    this.name = name;
    this.http = http;
    this.server = server;
    this.manner = manner;
    this.copy = copy;
  }

  FollowedShape shape() {
    return copy.shape();
  }

  synchronized String handle() {
    return copy.handle();
  }

  boolean isRunning() {
    return run != null;
  }

  /** The refusal with which the server has ended it: there is no such shape any more. */
  synchronized Optional<String> farewell() {
    return farewell;
  }

  synchronized Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  synchronized boolean has(long xid) {
    return copy.has(xid);
  }

  synchronized boolean hasBegun() {
    return copy.isUpToDate();
  }

  /** What it has, while it does not change. */
  synchronized <T> T look(Function<StrictCopy, T> view) {
    return view.apply(copy);
  }

  void start() {
    CountDownLatch stopping = new CountDownLatch(1);
    Thread thread =
        Thread.ofVirtual().name("strict-client-" + name).unstarted(() -> follow(stopping));
    run = new Run(thread, stopping);
    thread.start();
  }

  void stop() {
    Run ending = run;
    run = null;
    if (ending == null) {
      return;
    }
    ending.stopping().countDown();
    ending.thread().interrupt();
    try {
      ending.thread().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow(CountDownLatch stopping) {
    for (int step = 0; stopping.getCount() > 0 && farewell().isEmpty(); step++) {
      try {
        boolean isLive = hasBegun();
        if (isLive
            && (manner.live() == Live.SSE || (manner.live() == Live.BOTH && step % 2 == 0))) {
          followEvents();
        } else {
          read(isLive);
        }
      } catch (IOException | UncheckedIOException e) {
        pause(stopping); // The way or the server broke; it asks again.
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | AssertionError e) {
        synchronized (this) {
          failure = e;
        }
        return;
      }
    }
  }

  private static void pause(CountDownLatch stopping) {
    try {
      stopping.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read(boolean isLive) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(request(isLive ? List.of("live", "true") : List.of()), BodyHandlers.ofString());
    Answer answer =
        new Answer(response.statusCode(), new TreeMap<>(response.headers().map()), response.body());
    cursor = answer.header("electric-cursor");
    if (answer.status() == 200) {
      takeWhole(answer);
    } else {
      takeRefusal(answer);
    }
  }

  private HttpRequest request(List<String> more) {
    List<String> parameters = new ArrayList<>(copy.shape().parameters());
    parameters.addAll(List.of("offset", copy.offset()));
    if (!copy.handle().isEmpty()) {
      parameters.addAll(List.of("handle", copy.handle()));
    }
    if (!cursor.isEmpty()) {
      parameters.addAll(List.of("cursor", cursor));
    }
    parameters.addAll(more);
    String path = ShapeHttp.path(parameters.toArray(String[]::new));
    return HttpRequest.newBuilder(server.resolve(path)).timeout(PATIENCE).build();
  }

  private synchronized void takeWhole(Answer answer) {
    try {
      copy.take(answer);
      refusals = 0;
    } catch (AssertionError e) {
      throw new AssertionError("at offset " + copy.offset() + ", answer " + answer.headers(), e);
    }
  }

  private void takeRefusal(Answer answer) throws IOException {
    switch (answer.status()) {
      case 409 -> {
        assertThat(++refusals).as("refusals in a row").isLessThan(MOST_REFUSALS);
        synchronized (this) {
          copy.refuse(answer);
        }
      }
      case 400 -> {
        assertThat(answer.body()).doesNotContain("out of bounds");
        synchronized (this) {
          farewell = Optional.of(answer.body());
        }
      }
      case 503 -> throw new IOException("unavailable for now: " + answer.body());
      default -> throw new AssertionError("an answer that none expects: " + answer);
    }
  }

  private void followEvents() throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        http.send(
            request(List.of("live", "true", "live_sse", "true")), BodyHandlers.ofInputStream());
    var headers = new TreeMap<>(response.headers().map());
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        String text = new String(body.readAllBytes(), UTF_8);
        takeRefusal(new Answer(response.statusCode(), headers, text));
        return;
      }
      Answer begun = new Answer(200, headers, "");
      assertThat(begun.handle()).isEqualTo(copy.handle());
      assertThat(begun.offset()).isEqualTo(copy.offset());
      cursor = begun.header("electric-cursor");
      takeEvents(new BufferedReader(new InputStreamReader(body, UTF_8)));
    }
  }

  private void takeEvents(BufferedReader lines) throws IOException {
    List<Message> batch = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("data: ")) {
        batch.add(new Message(Json.object(Json.parse(line.substring(6)))));
        if (batch.getLast().header("control") != null) {
          takeBatch(batch);
          batch.clear();
        }
      }
    }
  }

  private synchronized void takeBatch(List<Message> batch) {
    Offset end = Offset.parse(copy.offset()).orElseThrow();
    if (batch.size() > 1) {
      Message last = batch.get(batch.size() - 2);
      String place = last.header("lsn") + "_" + last.header("op_position");
      end = Offset.parse(place).orElseThrow();
    }
    try {
      copy.takeLog(batch, end, true);
    } catch (AssertionError e) {
      throw new AssertionError("at offset " + copy.offset() + ", in an event stream", e);
    }
    if (!manner.knowsExactPlace()) {
      copy.forgetExactPlace();
    }
    refusals = 0;
  }

  @Override
  public String toString() {
    return "%s %s on %s".formatted(name, manner, copy.shape());
  }
}
