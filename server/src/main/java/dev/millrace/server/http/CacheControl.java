package dev.millrace.server.http;

import dev.millrace.protocol.Offset;

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

  private CacheControl() {}

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
