package dev.millrace.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands {@code up} and {@code sql}, with a library of one table. */
final class UpTest {
  private static final String READY = "Ctrl-C stops everything";

  @TempDir private Path home;
  private Map<String, String> settings = Map.of();

  @BeforeEach
  void prepare() throws IOException {
    Path library = Files.createDirectories(home.resolve("examples/library"));
    Files.createDirectories(library.resolve("dist"));
    Files.writeString(library.resolve("dist/index.html"), "<p>works</p>");
    Files.writeString(
        library.resolve("schema.sql"),
        """
        create role authenticated nologin;
        create table works (id int primary key, title text, owner text);
        grant insert on works to authenticated;
        """);
    Files.writeString(library.resolve("data.sql"), "insert into works values (1, 'Emma');");
    settings =
        Map.of(
            "MILLRACE_PORT", Integer.toString(FreePort.any()),
            "MILLRACE_DATA_DIR", home.resolve("data").toString());
  }

  @Test
  void aRowInsertedBySqlIsThereAfterTheNextStart() throws Exception {
    try (JavaProgram up = up()) {
      up.awaitOutput(READY);
      assertThat(up.output()).contains("1 works, made now").contains("authentication is off");
      assertThat(page()).isEqualTo("<p>works</p>");

      assertThat(sql("insert into works values (2, 'Ulysses'); select count(*) as n from works"))
          .isEqualTo(new Result(0, "1 row changed\n n \n---\n 2 \n(1 row)\n", ""));
      up.terminate();
      assertThat(new ClusterProcesses(home.resolve("data/postgres/data")).all()).isEmpty();
    }

    try (JavaProgram up = up()) {
      up.awaitOutput(READY);
      assertThat(up.output()).contains("2 works, as found");
    }
  }

  @Test
  void aWriteIsAppliedWithATokenOfAMadeUpUser() throws Exception {
    try (JavaProgram up = up()) {
      up.awaitOutput(READY);
      assertThat(up.output()).contains("/api/writes/batch").contains("/dev/token?user=ada");
      String token = post("/dev/token?user=ada", "").body();
      String change =
          "{\"id\":\"%s\",\"table\":\"works\",\"op\":\"insert\",\"payload\":{\"id\":7,\"title\":\"Emma\"}}"
              .formatted(UUID.randomUUID());

      HttpResponse<String> answer =
          post(
              "/api/writes/batch",
              "{\"changes\":[" + change + "]}",
              "authorization",
              "Bearer " + token);

      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(sql("select title from works where id = 7").output()).contains("Emma");
      assertThat(DevTokens.id("Ada")).hasToString("ada00000-0000-4000-8000-000000000001");
      assertThat(DevTokens.id("eve"))
          .isEqualTo(DevTokens.id("EVE"))
          .isNotEqualTo(DevTokens.id("bob"));
    }
  }

  private HttpResponse<String> post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + settings.get("MILLRACE_PORT") + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request.build(), BodyHandlers.ofString());
    }
  }

  @Test
  void afterAKillTheNextStartTakesTheDataItFinds() throws Exception {
    try (JavaProgram up = up()) {
      up.awaitOutput(READY);
      up.kill();
    }
    assertThat(sql("select 1").error()).startsWith("No millrace up is running on ");

    try (JavaProgram up = up()) {
      up.awaitOutput(READY);
      assertThat(up.output()).contains("1 works, as found");
    }
  }

  @Test
  void aSecondUpIsRefusedAndTheFirstGoesOn() throws Exception {
    try (JavaProgram first = up();
        JavaProgram second = upAfter(first)) {
      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.output())
          .isEqualTo(
              "The folder %s is in use by process %d.%n"
                  .formatted(home.resolve("data").toRealPath(), first.pid()));
      assertThat(sql("select title from works").code()).isEqualTo(0);
    }
  }

  @Test
  void aTakenPortIsAPlainSentence() throws Exception {
    int port = Integer.parseInt(settings.getOrDefault("MILLRACE_PORT", ""));
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        JavaProgram up = up()) {
      assertThat(up.exitCode()).isEqualTo(1);
      assertThat(up.output())
          .isEqualTo(
              "Port %d is taken: end what listens on it or set MILLRACE_PORT to another.%n"
                  .formatted(port));
    }
  }

  @Test
  void sqlReportsWhatPostgresSays() {
    try (LocalPostgres postgres = LocalPostgres.temporary()) {
      settings = Map.of("DATABASE_URL", postgres.url(), "MILLRACE_DATA_DIR", home.toString());

      assertThat(sql("selec 1"))
          .isEqualTo(new Result(1, "", "ERROR: syntax error at or near \"selec\"\n"));
      assertThat(sql("select 1/0").error()).isEqualTo("ERROR: division by zero\n");
    }
  }

  private JavaProgram up() throws IOException {
    return JavaProgram.start(
        new JavaProgram.Call(
            settings, List.of("-Dmillrace.home=" + home), DevMain.class, List.of("up")));
  }

  private JavaProgram upAfter(JavaProgram first) throws IOException {
    first.awaitOutput(READY);
    return up();
  }

  private record Result(int code, String output, String error) {}

  private Result sql(String statements) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    int code =
        DevMain.run(
            new String[] {"sql", statements},
            settings,
            new PrintStream(output, true, UTF_8),
            new PrintStream(error, true, UTF_8));
    return new Result(code, output.toString(UTF_8), error.toString(UTF_8));
  }

  private String page() throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + settings.get("MILLRACE_PORT") + "/");
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
  }
}
