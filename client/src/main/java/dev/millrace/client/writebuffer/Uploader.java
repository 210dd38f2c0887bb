package dev.millrace.client.writebuffer;

import dev.millrace.client.sqlite.SqliteException;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.client.transport.Backoff;
import dev.millrace.client.transport.Errand;
import dev.millrace.client.transport.HttpCall;
import dev.millrace.client.transport.HttpHead;
import dev.millrace.client.transport.Scheduler;
import dev.millrace.client.transport.Transport;
import dev.millrace.client.transport.World;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import dev.millrace.protocol.WriteAnswer;
import dev.millrace.protocol.WriteBatch;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteError;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties a write buffer: does what {@link UploadMachine} decides. One batch is on its way at a
 * time. A change that the server wants again later waits by itself, with what depends on it, while
 * others go on. All of it runs on the scheduler.
 */
public final class Uploader {

  private static final Logger LOG = LoggerFactory.getLogger(Uploader.class);
  private static final Duration GATHER = Duration.ofMillis(50);
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(2);

  /** From how many characters on a batch may be too large for a proxy on the way. */
  private static final int LARGE = 64 * 1024;

  private static final int MOST_ANSWER = 64 * 1024 * 1024;
  private static final JsonLimits LIMITS = new JsonLimits(400, 50_000_000);

  /**
   * How it sends.
   *
   * @param clientId names the device to the server
   * @param schemaVersion of the application
   * @param interval how often it looks for what nobody told it of
   */
  public record Settings(
      URI server, String clientId, int schemaVersion, BatchLimits limits, Duration interval) {}

  /** Hears what the uploader does, on the scheduler. */
  public interface Listener {

    void onStatus(UploadStatus status);

    /** Changes of these entities are in Postgres now, and wait for their streams to show them. */
    void onApplied(Set<String> entities);
  }

  private final World world;
  private final Settings settings;
  private final WriteBuffer buffer;
  private final Listener listener;
  private final Errand errand;
  private final Deque<UploadEvent> events = new ArrayDeque<>();
  private final Map<String, Integer> retries = new HashMap<>();
  private final Set<String> waiting = new HashSet<>();
  private UploadState state = new UploadState.Stopped(UploadState.Track.BEGIN);
  private boolean isStepping;
  private Scheduler.@Nullable Timer ticking;
  private volatile UploadStatus status =
      new UploadStatus(UploadStatus.Phase.STOPPED, Optional.empty(), Optional.empty());

  public Uploader(World world, Settings settings, WriteBuffer buffer, Listener listener) {
    this.world = world;
    this.settings = settings;
    this.buffer = buffer;
    this.listener = listener;
    this.errand = new Errand(world, () -> fire(new UploadEvent.Silence()));
    buffer.onEnqueue(() -> world.scheduler().execute(() -> fire(new UploadEvent.Enqueued())));
  }

  public void start() {
    fire(new UploadEvent.Start());
    tick();
  }

  private void tick() {
    ticking =
        world
            .scheduler()
            .after(
                settings.interval(),
                () -> {
                  tick();
                  if (hasWork()) {
                    fire(new UploadEvent.Flush());
                  }
                });
  }

  private boolean hasWork() {
    try {
      return buffer.size() > 0;
    } catch (SqliteException | SyncClientException e) {
      return false; // Asked again at the next tick.
    }
  }

  /** Gives up what is under way; what is queued stays. */
  public void stop() {
    if (ticking != null) {
      ticking.cancel();
    }
    fire(new UploadEvent.Stop());
  }

  /** Sends what is there without waiting for more. */
  public void flush() {
    fire(new UploadEvent.Flush());
  }

  /** The network is back: tries at once. */
  public void reconnect() {
    fire(new UploadEvent.Reconnect());
  }

  /** May be called from any thread. */
  public UploadStatus status() {
    return status;
  }

  private void fire(UploadEvent event) {
    events.add(event);
    if (isStepping) {
      return;
    }
    isStepping = true;
    try {
      for (UploadEvent next = events.poll(); next != null; next = events.poll()) {
        UploadMachine.Step step = UploadMachine.step(state, next);
        state = step.state();
        step.effects().forEach(this::perform);
      }
    } finally {
      isStepping = false;
    }
    report();
  }

  private void perform(UploadEffect effect) {
    switch (effect) {
      case UploadEffect.Gather gather -> errand.pause(GATHER, this::elapsed);
      case UploadEffect.AskToken(boolean isRefresh) ->
          errand.askToken(
              isRefresh,
              () -> fire(new UploadEvent.TokenReady()),
              reason -> fire(new UploadEvent.TokenFailed(reason)));
      case UploadEffect.Send(int halvings) -> send(halvings);
      case UploadEffect.Cancel cancel -> errand.cancel();
      case UploadEffect.Pause(int failures, Duration atLeast) ->
          errand.backOff(failures, atLeast, this::elapsed);
    }
  }

  private void elapsed() {
    fire(new UploadEvent.Elapsed());
  }

  private void send(int halvings) {
    long mine = errand.begin();
    errand.watch(mine, ANSWER_LIMIT);
    List<WriteChange> batch;
    try {
      batch = buffer.take(settings.limits().shrunk(halvings), waiting);
    } catch (SqliteException | SyncClientException e) {
      fire(new UploadEvent.Broken("the device's store: " + e.getMessage()));
      return;
    }
    if (batch.isEmpty()) {
      fire(new UploadEvent.NothingToSend());
      return;
    }
    WriteBatch body =
        new WriteBatch(
            Optional.of(settings.clientId()), OptionalInt.of(settings.schemaVersion()), batch);
    Map<String, String> headers = errand.headers();
    headers.put("content-type", "application/json");
    headers.put("accept", "application/json");
    String base = settings.server().toString();
    String root = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    String text = body.toJson().toString();
    HttpCall call = HttpCall.post(URI.create(root + "/api/writes/batch"), headers, text);
    errand.send(call, new Answer(mine, batch, text.length()));
  }

  /** Hears the answer to one batch. */
  private final class Answer implements Transport.Listener {

    private final long mine;
    private final List<WriteChange> batch;
    private final int bytes;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable HttpHead head;

    Answer(long mine, List<WriteChange> batch, int bytes) {
      this.mine = mine;
      this.bytes = bytes;
      this.batch = batch;
    }

    private boolean isLate() {
      return !errand.isCurrent(mine);
    }

    @Override
    public void onHead(HttpHead answered) {
      head = answered;
    }

    @Override
    public void onBody(byte[] piece) {
      if (isLate()) {
        return;
      }
      errand.watch(mine, ANSWER_LIMIT);
      if (body.size() + piece.length > MOST_ANSWER) {
        fire(new UploadEvent.Broken("the answer is larger than memory allows"));
      } else {
        body.write(piece, 0, piece.length);
      }
    }

    @Override
    public void onEnd() {
      if (isLate() || head == null) {
        return;
      }
      switch (head.status()) {
        case 200 -> settle();
        case 401 -> fire(new UploadEvent.Unauthorized(member("error")));
        case 413 -> tooLarge();
        case 400 -> {
          if (member("code").equals("invalid_batch")) {
            tooLarge();
          } else {
            busy(); // Nothing that a change could be at fault for.
          }
        }
        case 403, 404, 405, 409, 415 ->
            fire(new UploadEvent.Refusal(member("code"), member("error")));
        default -> busy();
      }
    }

    private void busy() {
      if (head != null) {
        fire(new UploadEvent.Busy(head.retryAfter(), head.status() + " " + member("error")));
      }
    }

    @Override
    public void onFailure(String reason) {
      if (!isLate()) {
        fire(new UploadEvent.Broken(reason));
      }
    }

    private void settle() {
      try {
        WriteAnswer answer = WriteAnswer.read(JsonReader.read(body.toByteArray(), LIMITS));
        WriteBuffer.Settled settled = buffer.settle(batch, answer.results());
        settled.toRetry().forEach(Uploader.this::later);
        batch.stream()
            .map(WriteChange::id)
            .filter(id -> !settled.toRetry().contains(id))
            .forEach(retries::remove);
        if (!settled.entities().isEmpty()) {
          listener.onApplied(settled.entities());
        }
        boolean hasProgress = settled.applied() + settled.rejected() + settled.toRetry().size() > 0;
        fire(new UploadEvent.Settled(hasProgress));
      } catch (InvalidJson | NumberFormatException e) {
        fire(new UploadEvent.Broken("the server sent " + e.getMessage()));
      } catch (SqliteException | SyncClientException e) {
        fire(new UploadEvent.Broken("the device's store: " + e.getMessage()));
      }
    }

    /** Which of the changes is at fault shows when they are sent in smaller batches. */
    private void tooLarge() {
      boolean isOne =
          batch.stream().map(change -> change.tx().orElse(change.id())).distinct().count() == 1;
      if (!isOne) {
        fire(new UploadEvent.TooLarge());
        return;
      }
      if (member("code").isEmpty() && bytes < LARGE) {
        busy(); // Whoever says so is not the server, and refuses whatever comes.
        return;
      }
      try {
        String code = member("code").isEmpty() ? "refused" : member("code");
        buffer.markFailed(batch, new WriteError(code, member("error"), false));
        fire(new UploadEvent.GivenUp());
      } catch (SqliteException | SyncClientException e) {
        fire(new UploadEvent.Broken("the device's store: " + e.getMessage()));
      }
    }

    private String member(String name) {
      try {
        if (JsonReader.read(body.toByteArray(), LIMITS) instanceof Json.Members members
            && members.member(name).orElse(Json.NULL) instanceof Json.Text(String text)) {
          return text;
        }
      } catch (InvalidJson e) {
        // Not our server's.
      }
      String text = body.toString(StandardCharsets.UTF_8);
      return name.equals("error") ? text.substring(0, Math.min(300, text.length())) : "";
    }
  }

  /** One change is sent again after a time of its own. */
  private void later(String id) {
    int count = retries.merge(id, 1, Integer::sum);
    waiting.add(id);
    Duration delay = Backoff.draw(world.random(), count, Duration.ZERO);
    world
        .scheduler()
        .after(
            delay,
            () -> {
              waiting.remove(id);
              fire(new UploadEvent.Enqueued());
            });
  }

  private void report() {
    UploadStatus now =
        switch (state) {
          case UploadState.Stopped stopped -> status(UploadStatus.Phase.STOPPED);
          case UploadState.Idle idle -> status(UploadStatus.Phase.IDLE);
          case UploadState.Gathering gathering -> status(UploadStatus.Phase.SENDING);
          case UploadState.Authorizing(UploadState.Track track) -> status(sending(track));
          case UploadState.Sending(UploadState.Track track) -> status(sending(track));
          case UploadState.Pausing(UploadState.Track track, String reason) ->
              new UploadStatus(UploadStatus.Phase.OFFLINE, Optional.of(reason), Optional.empty());
          case UploadState.NeedsAuth(UploadState.Track track, String reason) ->
              new UploadStatus(
                  UploadStatus.Phase.NEEDS_AUTH, Optional.of(reason), Optional.empty());
          case UploadState.Refused(UploadState.Track track, String code, String reason) ->
              new UploadStatus(UploadStatus.Phase.REFUSED, Optional.of(reason), Optional.of(code));
        };
    if (!now.equals(status)) {
      if (now.phase() == UploadStatus.Phase.REFUSED) {
        LOG.warn("the server takes no writes of this application: {}", now.reason().orElse(""));
      }
      status = now;
      listener.onStatus(now);
    }
  }

  private static UploadStatus status(UploadStatus.Phase phase) {
    return new UploadStatus(phase, Optional.empty(), Optional.empty());
  }

  private static UploadStatus.Phase sending(UploadState.Track track) {
    return track.failures() > 0 ? UploadStatus.Phase.OFFLINE : UploadStatus.Phase.SENDING;
  }
}
