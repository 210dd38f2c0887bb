package dev.millrace.client.stream;

import dev.millrace.client.store.Entity;
import dev.millrace.client.store.StreamPosition;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The addresses that an entity's shape is read from (protocol section 1).
 *
 * @param server where the server is: scheme, host, port, perhaps a path before {@code /v1/shape}
 */
record ShapeAddress(URI server, Entity entity) {

  /**
   * Where to ask.
   *
   * @param cursor what the last live answer said
   * @param cacheBuster varies the address where a cache has given an old answer
   */
  URI at(StreamPosition position, Ask ask, Optional<String> cursor, Optional<String> cacheBuster) {
    StringBuilder query = new StringBuilder();
    add(query, "table", entity.table());
    add(query, "offset", position.offset().toString());
    position.handle().ifPresent(handle -> add(query, "handle", handle));
    entity.where().ifPresent(where -> add(query, "where", where));
    switch (ask) {
      case CATCH_UP -> {
        // What is there, at once.
      }
      case LONG_POLL -> add(query, "live", "true");
      case EVENT_STREAM -> {
        add(query, "live", "true");
        add(query, "live_sse", "true");
      }
    }
    if (ask != Ask.CATCH_UP) {
      cursor.ifPresent(text -> add(query, "cursor", text));
    }
    cacheBuster.ifPresent(text -> add(query, "cache-buster", text));
    String base = server.toString();
    String root = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    return URI.create(root + "/v1/shape?" + query);
  }

  private static void add(StringBuilder query, String name, String value) {
    query.append(query.length() == 0 ? "" : "&").append(name).append('=');
    query.append(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
  }
}
