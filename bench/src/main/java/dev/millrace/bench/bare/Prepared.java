package dev.millrace.bench.bare;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.sql.SQLException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@link BareServer} has to say, byte for byte what another server said before.
 *
 * @param head what is sent as soon as a client asks
 * @param change what is sent later
 * @param isWhole whether an answer ends with the change
 */
@SuppressWarnings("ArrayRecordComponent") // written to files, never compared
public record Prepared(byte[] head, byte[] change, boolean isWhole) {
  private static final Pattern LENGTH = Pattern.compile("\r\ncontent-length: (\\d+)\r\n");
  private static final String HEAD_END = "\r\n\r\n";

  /** What makes a server send a change. */
  @FunctionalInterface
  public interface Trigger {
    void pull() throws SQLException;
  }

  /** Asks on a connection of its own and keeps what a change brings it. */
  public static Prepared record(int port, String path, boolean isStream, Trigger trigger)
      throws IOException, SQLException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(("GET " + path + " HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").getBytes(US_ASCII));
      byte[] head = isStream ? read(socket, text -> text.endsWith(HEAD_END)) : new byte[0];
      trigger.pull();
      byte[] change = read(socket, isStream ? Prepared::isUpToDate : Prepared::isWhole);
      return new Prepared(head, change, !isStream);
    }
  }

  /** An answer of known length, around what is in a file. */
  public static Prepared file(byte[] body) {
    String head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
            .formatted(body.length);
    return new Prepared(head.getBytes(US_ASCII), body, true);
  }

  private static byte[] read(Socket socket, Predicate<String> isAll) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] part = new byte[4096];
    while (!isAll.test(bytes.toString(US_ASCII))) {
      int length = socket.getInputStream().read(part);
      if (length < 0) {
        throw new EOFException("the server closed the connection");
      }
      bytes.write(part, 0, length);
    }
    return bytes.toByteArray();
  }

  private static boolean isUpToDate(String stream) {
    return stream.contains("\"up-to-date\"") && stream.endsWith("\n\n\r\n");
  }

  private static boolean isWhole(String answer) {
    Matcher length = LENGTH.matcher(answer);
    int headEnd = answer.indexOf(HEAD_END);
    return headEnd >= 0
        && length.find()
        && answer.length() == headEnd + HEAD_END.length() + Integer.parseInt(length.group(1));
  }
}
