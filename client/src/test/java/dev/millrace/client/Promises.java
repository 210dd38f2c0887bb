package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.store.Overlay;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.protocol.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the application of a device was told is saved, and what has become of it: each change is in
 * the overlay, or applied and shown, or given up by the user; in the order it was made, with the
 * values it was made with. One thread.
 */
final class Promises {

  /** A change that the client has acknowledged; {@code order} among all. */
  private record Promise(
      String id,
      String entity,
      String row,
      int order,
      Optional<String> group,
      Map<String, @Nullable String> values) {}

  private final String device;
  private final ModelServer server;
  private final Map<String, Promise> all = new LinkedHashMap<>();
  private final Map<String, Promise> open = new LinkedHashMap<>();
  private final Set<String> discarded = new HashSet<>();
  private final Set<String> maybeGone = new HashSet<>();
  private int judged = -1;

  Promises(String device, ModelServer server) {
    this.device = device;
    this.server = server;
  }

  /**
   * A write has returned.
   *
   * @param group what it is to be applied with, if there is such
   */
  void made(
      WriteHandle handle,
      String entity,
      String row,
      Optional<String> group,
      Map<String, ? extends @Nullable Object> values) {
    add(new Promise(handle.id(), entity, row, all.size(), group, texts(values)));
  }

  private void add(Promise promise) {
    all.put(promise.id(), promise);
    open.put(promise.id(), promise);
  }

  private static Map<String, @Nullable String> texts(
      Map<String, ? extends @Nullable Object> values) {
    Map<String, @Nullable String> texts = new HashMap<>();
    values.forEach((column, value) -> texts.put(column, value == null ? null : value.toString()));
    return texts;
  }

  /** The user has changed what a change says, and it goes by another name. */
  void edited(String id, String fresh, Map<String, ? extends @Nullable Object> values) {
    Promise old = all.get(id);
    discarded(List.of(id));
    if (old != null) {
      add(new Promise(fresh, old.entity(), old.row(), old.order(), old.group(), texts(values)));
    }
  }

  void discarded(Collection<String> ids) {
    discarded.addAll(ids);
    ids.forEach(open::remove);
  }

  /** Whether the user has given a change up, if only perhaps. */
  boolean isGivenUp(String id, boolean orPerhaps) {
    return discarded.contains(id) || (orPerhaps && maybeGone.contains(id));
  }

  /** If the process ends before it is known, these may be given up or not. */
  void perhapsDiscarded(Collection<String> ids) {
    maybeGone.addAll(ids);
  }

  /** It did not end. */
  void discardedAsTold() {
    maybeGone.clear();
  }

  /**
   * After a step.
   *
   * @param overlay what the device has yet to be shown
   * @param versions how far each entity has come that is shown
   */
  void check(List<Overlay.Pending> overlay, Map<String, Long> versions) {
    Map<String, Overlay.Pending> pending = new HashMap<>();
    overlay.forEach(change -> pending.put(change.id(), change));
    open.values()
        .removeIf(promise -> {
          Overlay.Pending change = pending.get(promise.id());
          if (change != null) {
            saysWhatWasWritten(promise, change.payload());
            return false;
          }
          return isKept(promise, versions.getOrDefault(promise.entity(), 0L));
        });
    pendingChangesAreInTheirOrder(overlay);
    if (judged != server.outcomes()) {
      judged = server.outcomes();
      wereAppliedInTheirOrder();
      wereAppliedTogether();
    }
  }

  private void saysWhatWasWritten(Promise promise, Json.Members payload) {
    boolean isSame =
        promise.values().entrySet().stream()
            .allMatch(value ->
                payload
                    .member(value.getKey())
                    .filter(json -> Objects.equals(value.getValue(), ModelServer.text(json)))
                    .isPresent());
    assertThat(isSame).as("%s: %s says %s", device, promise, payload).isTrue();
  }

  /** A change that is in the overlay no more; as no row goes back, it stays so. */
  private boolean isKept(Promise promise, long version) {
    Optional<ModelServer.Applied> applied = server.applied(promise.id());
    if (applied.isEmpty() && maybeGone.contains(promise.id())) {
      discarded.add(promise.id()); // It was, and then the process ended.
      return true;
    }
    if (applied.isEmpty()) {
      throw new AssertionError(device + ": " + promise + " is neither here nor there");
    }
    if (version < applied.get().lsn() - 3) {
      throw new AssertionError(device + ": " + promise + " is gone before it is shown");
    }
    return true;
  }

  private void pendingChangesAreInTheirOrder(List<Overlay.Pending> overlay) {
    Map<String, Promise> last = new HashMap<>();
    for (Overlay.Pending change : overlay) {
      Promise promise = all.get(change.id());
      if (promise != null) {
        Promise before = last.put(promise.row(), promise);
        if (before != null && before.order() > promise.order()) {
          throw new AssertionError(
              device + ": " + promise + " has come behind " + before + " though it was first");
        }
      }
    }
  }

  /** Of rows on which nothing was rejected: changes were applied in the order they were made. */
  private void wereAppliedInTheirOrder() {
    Map<String, List<Promise>> byRow = new LinkedHashMap<>();
    Set<String> unclear = new HashSet<>();
    for (Promise promise : all.values()) {
      byRow.computeIfAbsent(promise.row(), unused -> new ArrayList<>()).add(promise);
      if (server.hasRejected(promise.id())) {
        unclear.add(promise.row());
      }
    }
    byRow.keySet().removeAll(unclear);
    byRow.values().forEach(this::wereAppliedInTheirOrder);
  }

  private void wereAppliedInTheirOrder(List<Promise> changes) {
    int last = -1;
    boolean isMissing = false;
    for (Promise change : changes) {
      Optional<ModelServer.Applied> applied = server.applied(change.id());
      int order = applied.map(ModelServer.Applied::order).orElse(last);
      if (applied.isPresent() && (isMissing || order < last)) {
        throw new AssertionError(device + ": " + change + " was applied out of its order");
      }
      applied.ifPresent(found -> saysWhatWasWritten(change, found.change().payload()));
      isMissing |= applied.isEmpty() && !discarded.contains(change.id());
      last = order;
    }
  }

  private void wereAppliedTogether() {
    Map<String, Optional<Long>> transactions = new HashMap<>();
    for (Promise promise : all.values()) {
      if (promise.group().isEmpty() || discarded.contains(promise.id())) {
        continue;
      }
      Optional<Long> own = server.applied(promise.id()).map(ModelServer.Applied::txid);
      Optional<Long> others = transactions.putIfAbsent(promise.group().get(), own);
      if (others != null && !others.equals(own)) {
        throw new AssertionError(
            device + ": " + promise + " was applied in " + own + ", the other in " + others);
      }
    }
  }

  /** When all is over, each was applied, or given up. */
  void checkEnd() {
    for (Promise promise : all.values()) {
      if (!discarded.contains(promise.id()) && !maybeGone.contains(promise.id())) {
        assertThat(server.applied(promise.id())).as("%s of %s", promise, device).isPresent();
      }
    }
  }
}
