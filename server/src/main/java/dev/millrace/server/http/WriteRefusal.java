package dev.millrace.server.http;

import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.JsonText;
import dev.millrace.server.auth.InvalidToken;
import dev.millrace.server.write.WriteException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Map;

/**
 * An answer of {@code /api/writes/batch} that is no success. What it says is constant, or of the
 * request itself.
 *
 * @param code stable, for programs
 * @param message for people
 * @param pointer to what is wrong in the body; empty if nothing there is
 * @param headers further ones
 */
record WriteRefusal(
    int status, String code, String message, String pointer, Map<String, String> headers)
    implements Reply {

  private static final String ANY_PLACE = "";

  WriteRefusal {
    headers = Map.copyOf(headers);
  }

  private static WriteRefusal of(int status, String code, String message) {
    return new WriteRefusal(status, code, message, ANY_PLACE, Map.of());
  }

  private WriteRefusal with(String header, String value) {
    return new WriteRefusal(status, code, message, pointer, Map.of(header, value));
  }

  static WriteRefusal wrongMethod() {
    return of(405, "method_not_allowed", "Only POST is answered here.")
        .with("allow", Cors.WRITE_METHODS);
  }

  static WriteRefusal disabled() {
    return of(
        403,
        "writes_disabled",
        "This server takes no writes: neither MILLRACE_JWT_SECRET nor MILLRACE_JWKS_URL is set.");
  }

  /** RFC 6750, section 3. */
  static WriteRefusal of(InvalidToken.Cause cause) {
    return switch (cause) {
      case MISSING ->
          of(401, "token_missing", "A token is wanted: Authorization: Bearer <JWT>.")
              .with("www-authenticate", "Bearer");
      case EXPIRED ->
          of(401, "token_expired", "The token has expired.")
              .with("www-authenticate", "Bearer error=\"invalid_token\"");
      case MALFORMED, ALGORITHM, KEY, SIGNATURE, EARLY, ISSUER, AUDIENCE, CLAIMS ->
          of(401, "token_invalid", "The token is not valid here.")
              .with("www-authenticate", "Bearer error=\"invalid_token\"");
    };
  }

  static WriteRefusal wrongType() {
    return of(415, "unsupported_media_type", "The body must be application/json.")
        .with("accept-post", "application/json");
  }

  static WriteRefusal wrongEncoding() {
    return of(415, "unsupported_encoding", "The body may be packed by gzip or zstd, or not at all.")
        .with("accept-encoding", "gzip, zstd");
  }

  static WriteRefusal tooLarge(int limit) {
    return of(413, "batch_too_large", "A batch may have %d bytes, unpacked.".formatted(limit));
  }

  static WriteRefusal notUnpacked() {
    return of(400, "invalid_encoding", "The body cannot be unpacked.");
  }

  static WriteRefusal invalid(InvalidJson mistake) {
    return new WriteRefusal(
        400,
        "invalid_batch",
        "What stands there " + mistake.reason() + ".",
        mistake.place().text(),
        Map.of());
  }

  static WriteRefusal schemaTooOld(SchemaVersions versions) {
    return of(
        409,
        "schema_too_old",
        "The application is too old to write here: version %d is the oldest that may."
            .formatted(versions.oldest()));
  }

  static WriteRefusal schemaTooNew(SchemaVersions versions) {
    return of(
        409,
        "schema_too_new",
        "The application is newer than the server knows: version %d is the newest that may write."
            .formatted(versions.newest()));
  }

  static WriteRefusal tooManyOfUser(int limit, int seconds) {
    return of(429, "too_many_writes", "%d batches of a user are taken in at once.".formatted(limit))
        .with("retry-after", Integer.toString(seconds));
  }

  static WriteRefusal overloaded(long seconds) {
    return unavailable("overloaded", "Too many writes at once.", seconds);
  }

  static WriteRefusal unavailable(String code, String message, long seconds) {
    return of(503, code, message).with("retry-after", Long.toString(seconds));
  }

  /** What keeps us from applying anything, to be tried again a little later than soonest. */
  static WriteRefusal of(WriteException cause, int spreadSeconds) {
    WriteException.Code code = cause.code();
    long seconds = cause.retryAfter().toSeconds() + spreadSeconds;
    return of(code.status(), code.text(), code.sentence())
        .with("retry-after", Long.toString(seconds));
  }

  static WriteRefusal internal() {
    return of(500, "internal_error", "Something went wrong; the server's log says what.");
  }

  @Override
  public void send(Exchange exchange) {
    HttpHeaders sent = Cors.headers(exchange, Cors.WRITE_METHODS);
    sent.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    sent.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.ERROR);
    headers.forEach(sent::set);
    exchange.send(status, sent, body());
  }

  private String body() {
    String rest = "\"code\":%s,\"error\":%s".formatted(quote(code), quote(message));
    return code.equals("invalid_batch")
        ? "{%s,\"pointer\":%s}".formatted(rest, quote(pointer))
        : "{%s}".formatted(rest);
  }

  private static String quote(String text) {
    return JsonText.quote(text);
  }
}
