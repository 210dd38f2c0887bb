package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Readers that stop in the middle of large answers, many more than the memory could hold answers
 * for (protocol sections 6.2 to 6.5).
 */
@ExtendWith(OnePostgres.class)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StalledReadersTest {

  private static final int HEAP_MEGABYTES = 48;
  private static final int LOG_MEGABYTES = 9;
  private static final int READERS_OF_A_KIND = 40;

  private static final List<String[]> KINDS =
      List.of(
          new String[] {},
          new String[] {"live", "true"},
          new String[] {"live", "true", "live_sse", "true"});

  @Test
  void pinLittleTogetherAndOthersAreServedTheSameBytes(LocalPostgres postgres, @TempDir Path folder)
      throws Exception {
    List<Socket> stalled = new ArrayList<>();
    try (SyncedDatabase database = start(postgres, folder);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute("create table works (id int primary key, body text)");
      ShapeCopy copy = ShapeCopy.of(http, "works");
      // Of one chunk that is not full: it lies in the journal, and a part of it in memory.
      for (int i = 0; i < LOG_MEGABYTES; i++) {
        database.execute(
            "insert into works select %d * 10000 + i, repeat('x', 900) from generate_series(1, 1000) i"
                .formatted(i));
      }
      String[] fromTheBeginning = copy.next();
      while (copy.rows().size() < LOG_MEGABYTES * 1000) {
        copy.awaitChanges();
      }
      Answer before = http.shape(fromTheBeginning);
      assertThat(before.body().length()).isGreaterThan(LOG_MEGABYTES << 20);

      for (String[] kind : KINDS) {
        for (int i = 0; i < READERS_OF_A_KIND; i++) {
          stalled.add(stall(database, ShapeHttp.path(copy.at(fromTheBeginning[3], kind))));
        }
      }
      Answer meanwhile = http.shape(fromTheBeginning);

      assertThat(meanwhile.body().replaceAll("lsn\":\"[0-9]+\"}}]$", ""))
          .isEqualTo(before.body().replaceAll("lsn\":\"[0-9]+\"}}]$", ""));
      assertThat(meanwhile.offset()).isEqualTo(before.offset());
      assertThat(http.get("/v1/health").status()).isEqualTo(200);
      assertThat(database.server().log()).doesNotContain("OutOfMemory", "OutOfDirectMemory");
    } finally {
      for (Socket socket : stalled) {
        socket.close();
      }
    }
  }

  private static SyncedDatabase start(LocalPostgres postgres, Path folder) {
    return SyncedDatabase.start(
        postgres, folder, Map.of(), List.of("-Xmx" + HEAP_MEGABYTES + "m", "-XX:+UseSerialGC"));
  }

  /** Reads the head of the answer and nothing more. */
  private static Socket stall(SyncedDatabase database, String path) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(64 << 10);
    socket.setSoTimeout(30_000);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), database.server().port()));
    socket
        .getOutputStream()
        .write("GET %s HTTP/1.1\r\nhost: x\r\n\r\n".formatted(path).getBytes(ISO_8859_1));
    assertThat(new String(socket.getInputStream().readNBytes(12), ISO_8859_1))
        .isEqualTo("HTTP/1.1 200");
    return socket;
  }
}
