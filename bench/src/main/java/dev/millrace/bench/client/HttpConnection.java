package dev.millrace.bench.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * An HTTP/1.1 connection to a server on this machine, used for one request after another. One
 * thread, but any may close it.
 */
public final class HttpConnection implements AutoCloseable {

  /** Longer than any wait the protocol knows, plus the pauses of the benchmarks. */
  private static final Duration SILENCE_LIMIT = Duration.ofMinutes(3);

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] buffer = new byte[256 << 10];
  private int at;
  private int limit;
  private long bodyBytes;

  /** Of the answer that is being read. */
  private ResponseHead head = new ResponseHead(0, Map.of());

  private HttpConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  public static HttpConnection open(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(Math.toIntExact(SILENCE_LIMIT.toMillis()));
    return new HttpConnection(socket);
  }

  /** The bytes of all bodies read, without the framing of chunks. */
  public long bodyBytes() {
    return bodyBytes;
  }

  /** Gets a path and reads the whole answer; any status but 200 is an error. */
  public void read(String path, BodySink body) throws IOException {
    begin(path);
    readBody(body);
  }

  /** Posts a body and reads the whole answer; any status but 200 is an error. */
  public void post(String path, Map<String, String> headers, byte[] body, BodySink answer)
      throws IOException {
    StringBuilder request =
        new StringBuilder("POST ").append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    headers.forEach(
        (name, value) -> request.append(name).append(": ").append(value).append("\r\n"));
    request.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    out.write(request.toString().getBytes(US_ASCII));
    out.write(body);
    expect("POST " + path);
    readBody(answer);
  }

  /** Gets a path, and as much of the answer as precedes its body, which is to be read next. */
  ResponseHead begin(String path) throws IOException {
    out.write(Target.request(path));
    expect("GET " + path);
    return head;
  }

  /** Reads the head of an answer that is a success. */
  private void expect(String request) throws IOException {
    head = readHead();
    if (head.status() != 200) {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      readBody(text::write);
      throw new IOException("%s: %d %s".formatted(request, head.status(), text.toString(UTF_8)));
    }
  }

  /** Reads the body of the answer that was begun, to its end. */
  void readBody(BodySink body) throws IOException {
    if (head.isChunked()) {
      readChunks(body);
    } else {
      readExactly(Long.parseLong(head.required("content-length")), body);
    }
  }

  private ResponseHead readHead() throws IOException {
    String status = readLine();
    Map<String, String> headers = new HashMap<>();
    for (String line = readLine(); !line.isEmpty(); line = readLine()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return new ResponseHead(Integer.parseInt(status.substring(9, 12)), headers);
  }

  private void readChunks(BodySink body) throws IOException {
    long length = chunkLength();
    while (length > 0) {
      readExactly(length, body);
      readLine();
      length = chunkLength();
    }
    readLine();
  }

  private long chunkLength() throws IOException {
    return Long.parseLong(readLine(), 16);
  }

  private void readExactly(long length, BodySink body) throws IOException {
    long missing = length;
    while (missing > 0) {
      fill();
      int part = (int) Math.min(missing, limit - at);
      body.accept(buffer, at, part);
      at += part;
      missing -= part;
      bodyBytes += part;
    }
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    for (char c = readByte(); c != '\n'; c = readByte()) {
      line.append(c);
    }
    return line.toString().strip();
  }

  private char readByte() throws IOException {
    fill();
    return (char) buffer[at++];
  }

  /** Makes sure that there is something to read. */
  private void fill() throws IOException {
    if (at == limit) {
      limit = in.read(buffer);
      at = 0;
      if (limit < 0) {
        limit = 0;
        throw new EOFException("the server closed the connection");
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
