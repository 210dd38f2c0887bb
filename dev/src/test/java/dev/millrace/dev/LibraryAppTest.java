package dev.millrace.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LibraryAppTest {
  @TempDir private Path folder;

  @BeforeEach
  void build() throws IOException {
    Files.writeString(folder.resolve("secret.txt"), "not for you");
    Files.createDirectories(folder.resolve("dist/assets"));
    Files.writeString(folder.resolve("dist/index.html"), "<p>works</p>");
    Files.writeString(folder.resolve("dist/assets/index-1a2b.js"), "go()");
    Files.createSymbolicLink(folder.resolve("dist/link.txt"), folder.resolve("secret.txt"));
  }

  @Test
  void theRootIsThePageAndIsAskedForAgainEachTime() throws IOException {
    Response page = get("/").orElseThrow();

    assertThat(page.body()).asString(UTF_8).isEqualTo("<p>works</p>");
    assertThat(page.headers())
        .containsEntry("content-type", "text/html; charset=utf-8")
        .containsEntry("cache-control", "no-cache");
  }

  @Test
  void aHashedAssetMayBeKept() throws IOException {
    Response script = get("/assets/index-1a2b.js").orElseThrow();

    assertThat(script.headers())
        .containsEntry("content-type", "text/javascript; charset=utf-8")
        .containsEntry("cache-control", "public, max-age=31536000, immutable");
  }

  @Test
  void theManifestIsWhatBrowsersTakeForOne() throws IOException {
    Files.writeString(folder.resolve("dist/manifest.webmanifest"), "{}");

    assertThat(get("/manifest.webmanifest").orElseThrow().headers())
        .containsEntry("content-type", "application/manifest+json")
        .containsEntry("cache-control", "no-cache");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../secret.txt",
        "/assets/../../secret.txt",
        "//etc/passwd",
        "/link.txt",
        "/assets",
        "/absent.js",
        "/a\0b",
        ""
      })
  void aPathThatIsNoFileOfTheAppIsNotServed(String path) throws IOException {
    assertThat(get(path)).isEmpty();
  }

  @Test
  void onlyReadingIsAnswered() throws IOException {
    assertThat(app().handle(new Request("POST", "/", Map.of()))).isEmpty();
    assertThat(app().handle(new Request("HEAD", "/", Map.of()))).isPresent();
  }

  @Test
  void anAppThatIsNotBuiltSaysHowToBuildIt() {
    assertThatThrownBy(() -> LibraryApp.in(folder)).hasMessageContaining("./millrace build");
  }

  private LibraryApp app() throws IOException {
    return LibraryApp.in(folder.resolve("dist"));
  }

  private Optional<Response> get(String path) throws IOException {
    return app().handle(new Request("GET", path, Map.of()));
  }
}
