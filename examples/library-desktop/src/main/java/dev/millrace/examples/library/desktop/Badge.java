package dev.millrace.examples.library.desktop;

import dev.millrace.client.SyncStatus;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How syncing goes, in words.
 *
 * @param words one line
 * @param reasons why not all is as it should be
 */
record Badge(String words, List<String> reasons) {

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

  Badge {
    reasons = List.copyOf(reasons);
  }

  static Badge of(LibraryState state, ZoneId zone) {
    SyncStatus sync = state.sync();
    List<String> parts = new ArrayList<>();
    Optional<String> user = sync.user().map(DemoUser::label);
    parts.add(user.map(name -> "Signed in as " + name).orElse("Guest: kept on this device alone"));
    if (user.isPresent()) {
      parts.add(phase(state));
    } else if (state.isCut()) {
      parts.add("offline");
    }
    count(parts, sync.writes().unsent(), "pending");
    count(parts, sync.writes().errors(), "rejected");
    count(parts, state.conflicts().size(), "in conflict");
    sync.lastUpToDate()
        .ifPresent(time -> parts.add("last up to date at " + TIME.format(time.atZone(zone))));
    return new Badge(String.join(" · ", parts), together(sync.reasons()));
  }

  private static String phase(LibraryState state) {
    SyncStatus sync = state.sync();
    if (state.isCut() || sync.isOffline()) {
      return "offline";
    }
    if (sync.needsAuth()) {
      return "no token to be had";
    }
    return sync.isSynced() ? "up to date" : "syncing";
  }

  private static void count(List<String> parts, long number, String what) {
    if (number > 0) {
      parts.add(number + " " + what);
    }
  }

  /** What is said of several alike is said once: {@code works, assets: …}. */
  static List<String> together(List<String> reasons) {
    Map<String, List<String>> subjects = new LinkedHashMap<>();
    for (String reason : reasons) {
      String[] parts = reason.split(": ", 2);
      subjects.computeIfAbsent(parts[parts.length - 1], why -> new ArrayList<>()).add(parts[0]);
    }
    return subjects.entrySet().stream()
        .map(one ->
            one.getValue().contains(one.getKey())
                ? one.getKey()
                : String.join(", ", one.getValue()) + ": " + one.getKey())
        .toList();
  }
}
