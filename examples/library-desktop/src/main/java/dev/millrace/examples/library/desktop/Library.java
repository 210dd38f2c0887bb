package dev.millrace.examples.library.desktop;

import dev.millrace.client.ClientSettings;
import dev.millrace.client.GuestData;
import dev.millrace.client.SyncListener;
import dev.millrace.client.SyncManager;
import dev.millrace.client.SyncStatus;
import dev.millrace.client.TokenSupplier;
import dev.millrace.client.query.ChangeSet;
import dev.millrace.client.query.LiveQuery;
import dev.millrace.client.store.Entity;
import dev.millrace.client.transport.JdkTransport;
import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.EditConflict;
import dev.millrace.client.writebuffer.WriteBuffer;
import dev.millrace.examples.library.Annotations;
import dev.millrace.examples.library.Assets;
import dev.millrace.examples.library.Work;
import dev.millrace.examples.library.Works;
import dev.millrace.protocol.Conflict;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The Library on this device: what a window shows, and all it can do. Any thread; methods return at
 * once, and what they ask for is done in order on a thread called {@code library}. Listeners are
 * called on background threads.
 */
public final class Library implements AutoCloseable {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final int MOST_PENDING_SHOWN = 100;
  private static final List<Entity> ENTITIES =
      List.of(Works.ENTITY, Assets.ENTITY, Annotations.ENTITY);

  private final SyncManager sync;
  private final Works works;
  private final NetworkSwitch network;
  private final Function<String, TokenSupplier> tokens;
  private final ExecutorService worker = thread("library");
  private final ExecutorService viewing = thread("library-viewing");
  private final Ear ear;
  private final Coalesced telling = new Coalesced(worker, this::tell);
  private volatile Consumer<LibraryState> onState = state -> {};

  /** Why what was done last was not done; touched by the worker alone. */
  private Optional<String> failure = Optional.empty();

  /** Hears the client before there is a Library. */
  private static final class Ear implements SyncListener {

    private volatile Runnable onStatus = () -> {};

    @Override
    public void onStatus(SyncStatus status) {
      onStatus.run();
    }
  }

  private Library(
      SyncManager sync, Ear ear, NetworkSwitch network, Function<String, TokenSupplier> tokens) {
    this.ear = ear;
    this.sync = sync;
    this.works = new Works(sync);
    this.network = network;
    this.tokens = tokens;
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(name).factory());
  }

  /** Over a server that {@code ./millrace up} runs; see the other. */
  public static Library open(Path folder, URI server) {
    HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).build();
    return open(folder, server, user -> new UpTokens(http, server, user));
  }

  /**
   * Opens what is in the folder. Who was signed in last is so again.
   *
   * @param tokens gives a user's, by the user's id
   * @throws dev.millrace.client.store.SyncClientException if the folder is in use, or too new
   */
  public static Library open(Path folder, URI server, Function<String, TokenSupplier> tokens) {
    NetworkSwitch network = new NetworkSwitch();
    Ear ear = new Ear();
    ClientSettings settings =
        ClientSettings.of(server)
            .entities(ENTITIES.toArray(Entity[]::new))
            .transport(() -> network.over(JdkTransport.create()))
            .listener(ear)
            .build();
    Library library = new Library(SyncManager.open(folder, settings), ear, network, tokens);
    ear.onStatus = library.telling::ask;
    library.sync.user().ifPresent(library::signIn);
    return library;
  }

  /** Tells how things stand, now and after each change. */
  void onState(Consumer<LibraryState> listener) {
    onState = listener;
    telling.ask();
  }

  /** Tells what becomes of the works; first all there are. */
  void onWorks(Consumer<ChangeSet<Work>> listener) {
    act(
        "read the works",
        () -> {
          LiveQuery<Work> live = works.live();
          List<Work> all = live.rows();
          listener.accept(new ChangeSet<>(all, all, List.of(), List.of()));
          live.onChange(listener);
        });
  }

  /** Where a window searches and sorts: a thread that waits for no disk. */
  Executor viewing() {
    return viewing;
  }

  void create(Work work) {
    act("save the work", () -> works.create(work));
  }

  /** Saves what differs; a write of the work that was rejected is mended by it and sent again. */
  void save(Work before, Work after) {
    act(
        "save the work",
        () -> {
          WriteBuffer buffer = sync.writeBuffer();
          Optional<DeadLetter> rejected =
              RowValues.rejectedOf(before, Works.ENTITY, buffer.deadLetters());
          if (rejected.isPresent()) {
            buffer.edit(
                rejected.get().id(), RowValues.mended(Works.ENTITY, rejected.get(), before, after));
          } else if (!before.equals(after)) {
            works.update(before, after);
          }
        });
  }

  void delete(Work work) {
    act("delete the work", () -> works.delete(work.id()));
  }

  /** Sends a rejected change again. */
  void retry(DeadLetter rejected) {
    act("send it again", () -> sync.writeBuffer().retry(rejected.id()));
  }

  /** Gives a rejected change up. */
  void discard(DeadLetter rejected) {
    act("discard it", () -> sync.writeBuffer().discard(rejected.id()));
  }

  /** Writes the value chosen, unless it is the one that stands, and forgets the conflict. */
  void settle(EditConflict conflict, Conflict.Kept chosen) {
    act(
        "settle the conflict",
        () -> {
          if (chosen != conflict.kept()) {
            Entity entity = entity(conflict.entity());
            sync.rows(entity).update(RowValues.settling(entity, conflict, chosen));
          }
          sync.writeBuffer().settleConflict(conflict.id());
        });
  }

  private static Entity entity(String name) {
    return ENTITIES.stream()
        .filter(entity -> entity.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("not an entity: " + name));
  }

  /** Signs in, also without network; what a guest has written becomes the user's. */
  void signIn(String user) {
    TokenSupplier supplier = new KeptToken(network, tokens.apply(user));
    act("sign in", () -> sync.signIn(user, supplier, GuestData.ADOPT));
  }

  void signOut() {
    act("sign out", sync::signOut);
  }

  /** Cuts the network here, or gives it back. */
  void cut(boolean isCut) {
    act(
        "switch the network",
        () -> {
          network.turn(!isCut);
          if (!isCut) {
            sync.reconnect();
          }
        });
  }

  private void act(String task, Runnable action) {
    worker.execute(() -> {
      try {
        action.run();
        failure = Optional.empty();
      } catch (RuntimeException e) {
        failure = Optional.of("Could not %s: %s".formatted(task, e.getMessage()));
      }
      telling.ask();
    });
  }

  private void tell() {
    WriteBuffer buffer = sync.writeBuffer();
    onState.accept(
        new LibraryState(
            sync.status(),
            !network.isOn(),
            buffer.peek(MOST_PENDING_SHOWN),
            buffer.deadLetters(),
            buffer.conflicts(),
            failure));
  }

  /** Does what was asked for, then gives the folder back; what waits to be sent stays. */
  @Override
  public void close() {
    onState = state -> {};
    ear.onStatus = () -> {};
    worker.close();
    sync.close();
    viewing.close();
  }
}
