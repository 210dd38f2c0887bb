package dev.millrace.conformance;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@code clients/src/follow.ts} tells, as {@code clients/src/event.ts} defines it. */
sealed interface FollowEvent {
  /** An answer of the server. */
  record Response(int status, String contentType, Optional<Map<String, @Nullable Object>> schema)
      implements FollowEvent {}

  /** The server could not be reached; the client tries again. */
  record Unreachable(String reason) implements FollowEvent {}

  /** A message on a row; one of the snapshot has no offset. */
  record Change(String handle, String key, String operation, Optional<String> offset)
      implements FollowEvent {}

  /** A change that cannot be, after those before it. */
  record Contradiction(String reason) implements FollowEvent {}

  record UpToDate(String handle, String offset, int rows) implements FollowEvent {}

  record MustRefetch() implements FollowEvent {}

  /** An answer broke off, or could not be understood; the client asks again. */
  record Retry(String reason) implements FollowEvent {}

  /** The client has given up. */
  record Failed(String reason) implements FollowEvent {}

  /** The rows as put together from the messages, and as the client's {@code Shape} has them. */
  record Rows(List<Row> messages, List<Row> shape) implements FollowEvent {}

  static FollowEvent parse(String line) {
    Map<String, @Nullable Object> json = Json.object(Json.parse(line));
    return switch (text(json, "event")) {
      case "response" ->
          new Response(
              number(json, "status"),
              text(json, "contentType"),
              Optional.ofNullable(json.get("schema")).map(Json::object));
      case "unreachable" -> new Unreachable(text(json, "reason"));
      case "change" ->
          new Change(
              text(json, "handle"),
              text(json, "key"),
              text(json, "operation"),
              Optional.ofNullable(json.get("offset")).map(Object::toString));
      case "contradiction" -> new Contradiction(text(json, "reason"));
      case "up-to-date" ->
          new UpToDate(text(json, "handle"), text(json, "offset"), number(json, "rows"));
      case "must-refetch" -> new MustRefetch();
      case "retry" -> new Retry(text(json, "reason"));
      case "failed" -> new Failed(text(json, "reason"));
      case "rows" -> new Rows(rows(json.get("messages")), rows(json.get("shape")));
      default -> throw new IllegalArgumentException("no such event: " + line);
    };
  }

  private static String text(Map<String, @Nullable Object> json, String name) {
    return String.valueOf(json.get(name));
  }

  private static int number(Map<String, @Nullable Object> json, String name) {
    return Integer.parseInt(text(json, name));
  }

  private static List<Row> rows(@Nullable Object json) {
    return Json.list(json).stream()
        .map(Json::list)
        .map(pair -> new Row(String.valueOf(pair.get(0)), Json.object(pair.get(1))))
        .sorted()
        .toList();
  }
}
