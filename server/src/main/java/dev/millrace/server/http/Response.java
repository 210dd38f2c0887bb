package dev.millrace.server.http;

import java.util.Map;

/** A whole answer of a {@link Route}; it takes over {@code body}. */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Response(int status, Map<String, String> headers, byte[] body) {

  public Response {
    headers = Map.copyOf(headers);
  }
}
