package dev.millrace.server.http;

import dev.millrace.protocol.Offset;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/** The {@code cache-control} of each case (protocol section 3.1). */
final class CacheControl {

  /** Of what is no shape. */
  static final String DEFAULT = "max-age=0, private, must-revalidate";

  static final String NO_CACHE = "no-cache";
  static final String ERROR = "no-store";
  static final String REFETCH = "public, max-age=60, must-revalidate";
  static final String REFETCH_UNKNOWN = "public, max-age=1, must-revalidate";

  private static final String INITIAL =
      "public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746";
  private static final String LONG_POLL = "public, max-age=5, stale-while-revalidate=5";

  /** A browser may keep it, and asks each time whether it still holds. */
  private static final String PRIVATE = "private, no-cache";

  private CacheControl() {}

  /** Makes of an answer one that nobody but its user is given. */
  static void makePrivate(HttpHeaders headers) {
    if (headers.get(HttpHeaderNames.CACHE_CONTROL, "").contains("public")) {
      headers.set(HttpHeaderNames.CACHE_CONTROL, PRIVATE);
    }
    headers.add(HttpHeaderNames.VARY, "authorization");
  }

  /** Whether answers to {@code method} are kept at all. */
  static boolean isCacheable(String method) {
    return method.equals("GET") || method.equals("HEAD");
  }

  /** Of a good answer. */
  static String of(String method, ShapeRequest request, HttpSettings settings) {
    if (request.subset().isPresent() || !isCacheable(method)) {
      return NO_CACHE;
    }
    if (request.offset().filter(Offset.BEFORE_ALL::equals).isPresent()) {
      return INITIAL;
    }
    if (request.isEventStream()) {
      return "public, max-age=" + Math.max(1, settings.times().eventStream().toSeconds() - 1);
    }
    if (request.isLive()) {
      return LONG_POLL;
    }
    return "public, max-age=%d, stale-while-revalidate=%d"
        .formatted(settings.cacheMaxAge().toSeconds(), settings.cacheStaleAge().toSeconds());
  }
}
