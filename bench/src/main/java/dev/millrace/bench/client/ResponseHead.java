package dev.millrace.bench.client;

import dev.millrace.protocol.Offset;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Status and headers of an answer; names are in small letters. */
record ResponseHead(int status, Map<String, String> headers) {
  ResponseHead {
    headers = Map.copyOf(headers);
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  String required(String name) throws IOException {
    return header(name).orElseThrow(() -> new IOException("an answer without " + name));
  }

  Offset offset() throws IOException {
    String text = required("electric-offset");
    return Offset.parse(text)
        .orElseThrow(() -> new IOException("no offset: electric-offset is " + text));
  }

  boolean isUpToDate() {
    return headers.containsKey("electric-up-to-date");
  }

  boolean isChunked() {
    return header("transfer-encoding").filter("chunked"::equalsIgnoreCase).isPresent();
  }
}
