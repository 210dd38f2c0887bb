package dev.millrace.bench.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * What a GET is sent to: a path, and after it headers of the request, each on a line of its own.
 */
public final class Target {
  private Target() {}

  /** A header as it stands in a target. */
  public static String header(String name, String value) {
    return "\r\n" + name + ": " + value;
  }

  /** The whole request. */
  public static byte[] request(String target) {
    int end = target.indexOf('\r');
    String path = end < 0 ? target : target.substring(0, end);
    String headers = end < 0 ? "" : target.substring(end);
    return ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1" + headers + "\r\n\r\n")
        .getBytes(US_ASCII);
  }
}
