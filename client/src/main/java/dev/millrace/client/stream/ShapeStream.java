package dev.millrace.client.stream;

import dev.millrace.client.sqlite.SqliteException;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.StreamPosition;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.client.store.SyncedTable;
import dev.millrace.client.transport.Errand;
import dev.millrace.client.transport.HttpCall;
import dev.millrace.client.transport.HttpHead;
import dev.millrace.client.transport.Transport;
import dev.millrace.client.transport.World;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.ShapeMessage;
import dev.millrace.protocol.ShapeMessageReader;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows one shape: does what {@link StreamMachine} decides. All of it runs on the scheduler. */
public final class ShapeStream {

  private static final Logger LOG = LoggerFactory.getLogger(ShapeStream.class);

  /**
   * A long poll lasts 20 s, an event stream says something every 21 s, a snapshot may take 45 s.
   */
  private static final Duration MOST_SILENCE = Duration.ofSeconds(70);

  /** A live answer without changes that comes sooner was not waited for. */
  private static final Duration SHORT = Duration.ofSeconds(1);

  /** The head of an event stream comes at once; one that takes longer was held back. */
  private static final Duration LATE = Duration.ofSeconds(10);

  private static final int MOST_BODY = 512 * 1024 * 1024;

  /** Of an event stream so many are stored at once, and so many kept until they are whole. */
  private static final int MOST_EVENTS = 10_000;

  private static final int MOST_OPEN_EVENTS = 50_000;
  private static final int MOST_OPEN_BYTES = 16 * 1024 * 1024;

  private final World world;
  private final ShapeAddress address;
  private final Entity entity;
  private final SyncedTable table;
  private final Consumer<StreamStatus> listener;
  private final Deque<StreamEvent> events = new ArrayDeque<>();
  private final Errand errand;
  private StreamState state;
  private boolean isStepping;
  private Optional<String> cursor = Optional.empty();
  private Optional<String> cacheBuster = Optional.empty();
  private Optional<Instant> lastUpToDate = Optional.empty();
  private Optional<String> schema = Optional.empty();
  private List<String> differences = List.of();
  private volatile StreamStatus status;
  private long changes;

  /**
   * Makes one that does nothing yet.
   *
   * @param mayStream whether event streams are tried before long polls
   * @param listener hears of its status on the scheduler
   */
  public ShapeStream(
      World world,
      URI server,
      Entity entity,
      SyncedTable table,
      boolean mayStream,
      Consumer<StreamStatus> listener) {
    this.world = world;
    this.address = new ShapeAddress(server, entity);
    this.entity = entity;
    this.table = table;
    this.listener = listener;
    this.errand = new Errand(world, () -> fire(new StreamEvent.Silence()));
    this.state = new StreamState.Stopped(Track.begin(mayStream));
    this.status =
        new StreamStatus(
            entity.name(),
            StreamStatus.Phase.STOPPED,
            Optional.empty(),
            Optional.empty(),
            0,
            List.of());
  }

  public void start() {
    fire(new StreamEvent.Start());
  }

  /** Gives up what is under way; what is stored stays. */
  public void stop() {
    fire(new StreamEvent.Stop());
  }

  /** Somebody waits to be shown a write. */
  public void nudge() {
    fire(new StreamEvent.Nudge());
  }

  /** The network is back: tries at once. */
  public void reconnect() {
    fire(new StreamEvent.Reconnect());
  }

  /** May be called from any thread. */
  public StreamStatus status() {
    return status;
  }

  public SyncedTable table() {
    return table;
  }

  /** Effects may bring further events; those wait their turn. */
  private void fire(StreamEvent event) {
    events.add(event);
    if (isStepping) {
      return;
    }
    isStepping = true;
    try {
      for (StreamEvent next = events.poll(); next != null; next = events.poll()) {
        StreamMachine.Step step = StreamMachine.step(state, next);
        state = step.state();
        step.effects().forEach(this::perform);
      }
    } finally {
      isStepping = false;
    }
    report();
  }

  private void perform(StreamEffect effect) {
    switch (effect) {
      case StreamEffect.AskToken(boolean isRefresh) ->
          errand.askToken(
              isRefresh,
              () -> fire(new StreamEvent.TokenReady()),
              reason -> fire(new StreamEvent.TokenFailed(reason)));
      case StreamEffect.Send(Ask ask) -> send(ask);
      case StreamEffect.Cancel cancel -> errand.cancel();
      case StreamEffect.BeginAnew anew -> beginAnew();
      case StreamEffect.Pause(int failures, Duration atLeast) ->
          errand.backOff(failures, atLeast, () -> fire(new StreamEvent.Elapsed()));
    }
  }

  private void beginAnew() {
    LOG.info("{} is read anew", entity.name());
    cursor = Optional.empty();
    // Whatever a cache has for the beginning, it may be what was just refused.
    cacheBuster = Optional.of(Long.toHexString(world.random().nextLong()));
    try {
      table.beginNext();
    } catch (SqliteException | SyncClientException e) {
      LOG.warn("{} cannot be read anew", entity.name(), e);
      // The old copy is asked for again, refused again, and this tried again, later each time.
    }
  }

  private void send(Ask ask) {
    long mine = errand.begin();
    errand.watch(mine, MOST_SILENCE);
    StreamPosition position;
    try {
      position = table.position();
    } catch (SqliteException | SyncClientException e) {
      fire(new StreamEvent.Broken(String.valueOf(e.getMessage())));
      return;
    }
    Map<String, String> headers = errand.headers();
    headers.put("accept", ask == Ask.EVENT_STREAM ? "text/event-stream" : "application/json");
    URI uri = address.at(position, ask, cursor, cacheBuster);
    errand.send(HttpCall.get(uri, headers), new Listener(mine, ask, position));
  }

  /** Holds the server's columns against the entity's, each time they are others. */
  private void compare(String header) {
    if (schema.equals(Optional.of(header))) {
      return;
    }
    schema = Optional.of(header);
    differences = ServerSchema.read(header).map(told -> told.differences(entity)).orElse(List.of());
    differences.forEach(difference -> LOG.warn("{}: {}", entity.name(), difference));
  }

  /** Hears the answer to one request. */
  private final class Listener implements Transport.Listener {

    private final long mine;
    private final Ask ask;
    private final long sentNanos = world.nanos().getAsLong();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final EventLines lines = new EventLines();
    private final List<ShapeMessage> messages = new ArrayList<>();
    private StreamPosition position;
    private @Nullable HttpHead head;
    private boolean isStream;
    private long headNanos;
    private long begunNanos;
    private boolean hasBegun;

    /** How many of the messages make whole transactions. */
    private int whole;

    /** How many bytes have come since something was stored. */
    private long openBytes;

    Listener(long mine, Ask ask, StreamPosition position) {
      this.mine = mine;
      this.ask = ask;
      this.position = position;
    }

    private boolean isLate() {
      return !errand.isCurrent(mine);
    }

    @Override
    public void onHead(HttpHead answered) {
      if (isLate()) {
        return;
      }
      head = answered;
      headNanos = world.nanos().getAsLong();
      begunNanos = headNanos;
      errand.watch(mine, MOST_SILENCE);
      answered.header("electric-cursor").ifPresent(text -> cursor = Optional.of(text));
      if (ask == Ask.EVENT_STREAM && answered.status() == 200) {
        isStream = answered.header("content-type").orElse("").startsWith("text/event-stream");
        fire(isStream ? new StreamEvent.StreamOpened() : new StreamEvent.NoStream());
      }
    }

    @Override
    public void onBody(byte[] piece) {
      if (isLate()) {
        return;
      }
      errand.watch(mine, MOST_SILENCE);
      if (isStream) {
        if (!hasBegun) {
          hasBegun = true;
          begunNanos = world.nanos().getAsLong();
        }
        takeEvents(piece);
      } else if (body.size() + piece.length > MOST_BODY) {
        fire(new StreamEvent.Broken("the answer is larger than memory allows"));
      } else {
        body.write(piece, 0, piece.length);
      }
    }

    private void takeEvents(byte[] piece) {
      openBytes += piece.length;
      try {
        for (String event : lines.take(piece)) {
          ShapeMessage message = ShapeMessageReader.read(event);
          messages.add(message);
          if (message instanceof ShapeMessage.UpToDate) {
            store(messages.size());
          } else if (isLast(message)) {
            whole = messages.size();
          }
        }
        if (messages.size() > MOST_EVENTS || openBytes > MOST_OPEN_BYTES) {
          store(whole);
        }
        if (!isLate() && (messages.size() > MOST_OPEN_EVENTS || openBytes > MOST_OPEN_BYTES)) {
          LOG.info("{}: a large transaction is asked for in pieces", entity.name());
          fire(new StreamEvent.Nudge()); // Leads to a catch-up, whose answers are bounded.
        }
      } catch (InvalidJson e) {
        fire(new StreamEvent.Broken("the server sent " + e.getMessage()));
      }
    }

    private static boolean isLast(ShapeMessage message) {
      return message instanceof ShapeMessage.RowChange change
          && change.place().filter(ShapeMessage.LogPlace::isLast).isPresent();
    }

    private void store(int count) throws InvalidJson {
      if (isLate() || count == 0) {
        return;
      }
      List<ShapeMessage> taken = messages.subList(0, count);
      Iterator<ShapeMessage> each = taken.iterator();
      take(Optional.empty(), () -> each.hasNext() ? each.next() : null);
      taken.clear();
      whole = 0;
      openBytes = 0;
    }

    @Override
    public void onEnd() {
      if (isLate() || head == null) {
        return;
      }
      if (isStream) {
        fire(new StreamEvent.StreamEnded(wasShort()));
        return;
      }
      switch (head.status()) {
        case 200 -> takeBody();
        case 401 -> fire(new StreamEvent.Unauthorized(text()));
        case 409 -> fire(new StreamEvent.Gone());
        case 429, 500, 502, 503, 504 ->
            fire(new StreamEvent.Busy(head.retryAfter(), head.status() + " " + text()));
        case 400, 403, 404, 405, 410, 414 ->
            fire(new StreamEvent.Refusal(head.status() + " " + text()));
        default ->
            fire(
                head.status() >= 500
                    ? new StreamEvent.Busy(head.retryAfter(), head.status() + " " + text())
                    : new StreamEvent.Broken("an answer with status " + head.status()));
      }
    }

    /** Whether an event stream ended as soon as it had begun, or its head came late. */
    private boolean wasShort() {
      return world.nanos().getAsLong() - begunNanos < SHORT.toNanos()
          || headNanos - sentNanos > LATE.toNanos();
    }

    private String text() {
      String text = body.toString(StandardCharsets.UTF_8);
      return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }

    private void takeBody() {
      Optional<Offset> offset = header("electric-offset").flatMap(Offset::parse);
      if (offset.isEmpty() || header("electric-handle").isEmpty()) {
        fire(
            new StreamEvent.Broken(
                "an answer without offset or handle, as a proxy may strip them"));
        return;
      }
      header("electric-schema").ifPresent(ShapeStream.this::compare);
      ShapeMessageReader reader = ShapeMessageReader.ofArray(body.toByteArray(), body.size());
      try {
        take(offset, reader::next);
      } catch (InvalidJson e) {
        fire(new StreamEvent.Broken("the server sent " + e.getMessage()));
      }
    }

    private Optional<String> header(String name) {
      return head == null ? Optional.empty() : head.header(name);
    }

    private void take(Optional<Offset> offset, SyncedTable.Messages taken) throws InvalidJson {
      String handle = header("electric-handle").orElse("");
      if (position.handle().filter(known -> !known.equals(handle)).isPresent()) {
        cacheBuster = Optional.of(Long.toHexString(world.random().nextLong()));
        fire(new StreamEvent.Broken("an answer of another shape, as from a stale cache"));
        return;
      }
      boolean isLive = ask != Ask.CATCH_UP;
      try {
        switch (table.take(position, new SyncedTable.Answer(handle, offset, isLive), taken)) {
          case SyncedTable.Taken.Stored stored -> stored(stored, isLive);
          case SyncedTable.Taken.Refused(String reason) -> {
            LOG.warn("{}: an answer {}; all is read anew", entity.name(), reason);
            fire(new StreamEvent.Misfit(reason));
          }
        }
      } catch (SqliteException | SyncClientException e) {
        fire(new StreamEvent.Broken("the device's store: " + e.getMessage()));
      }
    }

    private void stored(SyncedTable.Taken.Stored stored, boolean isLive) {
      boolean isQuick = world.nanos().getAsLong() - sentNanos < SHORT.toNanos();
      boolean hasMoved =
          stored.changes() > 0
              || stored.position().offset().isAfter(position.offset())
              || (isLive && !isQuick);
      position = stored.position();
      changes += stored.changes();
      if (stored.isUpToDate()) {
        lastUpToDate = Optional.of(world.clock().instant());
        cacheBuster = Optional.empty();
      }
      fire(new StreamEvent.Stored(stored.isUpToDate(), hasMoved));
    }

    @Override
    public void onFailure(String reason) {
      if (!isLate()) {
        fire(new StreamEvent.Broken(reason));
      }
    }
  }

  private void report() {
    StreamStatus now =
        new StreamStatus(entity.name(), phase(), reason(), lastUpToDate, changes, differences);
    if (!now.equals(status)) {
      status = now;
      listener.accept(now);
    }
  }

  private StreamStatus.Phase phase() {
    return switch (state) {
      case StreamState.Stopped stopped -> StreamStatus.Phase.STOPPED;
      case StreamState.Authorizing(Track track, Ask ask) -> following(track);
      case StreamState.Asking(Track track, Ask ask) -> following(track);
      case StreamState.Streaming streaming -> following(streaming.track());
      case StreamState.Pausing pausing -> StreamStatus.Phase.OFFLINE;
      case StreamState.NeedsAuth needsAuth -> StreamStatus.Phase.NEEDS_AUTH;
      case StreamState.Refused refused -> StreamStatus.Phase.REFUSED;
    };
  }

  private StreamStatus.Phase following(Track track) {
    if (track.failures() > 0) {
      return StreamStatus.Phase.OFFLINE; // Until an answer says otherwise.
    }
    return track.isUpToDate() ? StreamStatus.Phase.LIVE : StreamStatus.Phase.CATCHING_UP;
  }

  private Optional<String> reason() {
    return switch (state) {
      case StreamState.Pausing(Track track, String reason) -> Optional.of(reason);
      case StreamState.NeedsAuth(Track track, String reason) -> Optional.of(reason);
      case StreamState.Refused(Track track, String reason) -> Optional.of(reason);
      case StreamState.Stopped stopped -> Optional.empty();
      case StreamState.Authorizing authorizing -> Optional.empty();
      case StreamState.Asking asking -> Optional.empty();
      case StreamState.Streaming streaming -> Optional.empty();
    };
  }
}
