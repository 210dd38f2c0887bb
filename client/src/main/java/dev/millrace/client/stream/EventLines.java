package dev.millrace.client.stream;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts server-sent events out of bytes as they come. Only {@code data} matters here; comments keep
 * the connection alive. One thread.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">Server-sent
 *     events</a>
 */
final class EventLines {

  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final StringBuilder data = new StringBuilder();
  private boolean hasData;
  private boolean skipsNewline;

  /** Takes bytes and gives the data of each event that they complete. */
  List<String> take(byte[] bytes) {
    List<String> events = new ArrayList<>();
    for (byte b : bytes) {
      if (b == '\n' && skipsNewline) {
        skipsNewline = false;
      } else if (b == '\n' || b == '\r') {
        skipsNewline = b == '\r';
        endLine(events);
      } else {
        skipsNewline = false;
        line.write(b);
      }
    }
    return events;
  }

  private void endLine(List<String> events) {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (text.isEmpty()) {
      if (hasData) {
        events.add(data.toString());
      }
      data.setLength(0);
      hasData = false;
    } else if (text.startsWith("data:")) {
      data.append(hasData ? "\n" : "")
          .append(text, text.startsWith("data: ") ? 6 : 5, text.length());
      hasData = true;
    }
  }

  /** How many bytes wait for their end. */
  int pending() {
    return line.size() + data.length();
  }
}
