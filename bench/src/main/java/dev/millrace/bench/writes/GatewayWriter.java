package dev.millrace.bench.writes;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.Occurrences;
import dev.millrace.bench.run.BenchException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes through the server. */
final class GatewayWriter implements Writer {
  private static final String PATH = "/api/writes/batch";

  private final HttpConnection connection;
  private final User user;
  private final Map<String, String> headers;

  private GatewayWriter(HttpConnection connection, User user) {
    this.connection = connection;
    this.user = user;
    this.headers =
        Map.of("Authorization", "Bearer " + user.token(), "Content-Type", "application/json");
  }

  static GatewayWriter open(int port, User user) throws IOException {
    return new GatewayWriter(HttpConnection.open(port), user);
  }

  @Override
  public Work inserts(List<List<Note>> batches) {
    return posts(batches, Note::insert);
  }

  @Override
  public Work merges(List<List<Note>> batches) {
    return posts(batches, Note::merge);
  }

  private Work posts(List<List<Note>> batches, Function<Note, String> change) {
    List<byte[]> bodies = batches.stream().map(batch -> body(batch, change)).toList();
    return () -> {
      for (int i = 0; i < bodies.size(); i++) {
        post(bodies.get(i), batches.get(i).size());
      }
    };
  }

  private byte[] body(List<Note> batch, Function<Note, String> change) {
    String changes = batch.stream().map(change).collect(Collectors.joining(","));
    return "{\"client_id\":\"device of %s\",\"changes\":[%s]}"
        .formatted(user.subject(), changes)
        .getBytes(UTF_8);
  }

  private void post(byte[] body, int size) throws IOException {
    Occurrences applied = Occurrences.of("\"status\":\"applied\"");
    connection.post(PATH, headers, body, applied);
    if (applied.count() != size) {
      throw new BenchException("%d of %d changes were applied".formatted(applied.count(), size));
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
