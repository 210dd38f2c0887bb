package dev.millrace.dev;

import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The built Library web app, served at {@code /}. Files under {@code assets} carry a hash of their
 * content in their name, so a browser may keep them; all others it asks for again. Immutable.
 */
final class LibraryApp implements Route {
  private static final String FOREVER = "public, max-age=31536000, immutable";

  private static final Map<String, String> CONTENT_TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "json", "application/json",
          "webmanifest", "application/manifest+json",
          "map", "application/json",
          "svg", "image/svg+xml",
          "png", "image/png",
          "woff2", "font/woff2",
          "txt", "text/plain; charset=utf-8");

  private final Path root;

  private LibraryApp(Path root) {
    this.root = root;
  }

  /** The app in a folder that has been built. */
  static LibraryApp in(Path folder) throws IOException {
    if (!Files.isRegularFile(folder.resolve("index.html"))) {
      throw new DevException("The Library app is not built: run ./millrace build.");
    }
    return new LibraryApp(folder.toRealPath());
  }

  /** Empty for a path that is no file of the app. */
  @Override
  public Optional<Response> handle(Request request) {
    boolean isRead = request.method().equals("GET") || request.method().equals("HEAD");
    return isRead && request.path().startsWith("/")
        ? file(request.path()).map(this::response)
        : Optional.empty();
  }

  private Optional<Path> file(String path) {
    String name = path.equals("/") ? "index.html" : path.substring(1);
    try {
      Path file = root.resolve(name).toRealPath();
      boolean isOurs = file.startsWith(root) && Files.isRegularFile(file);
      return isOurs ? Optional.of(file) : Optional.empty();
    } catch (IOException | InvalidPathException e) {
      return Optional.empty();
    }
  }

  private Response response(Path file) {
    String name = file.getFileName().toString();
    String extension = name.substring(name.lastIndexOf('.') + 1);
    boolean isHashed = file.startsWith(root.resolve("assets"));
    Map<String, String> headers =
        Map.of(
            "content-type",
            CONTENT_TYPES.getOrDefault(extension, "application/octet-stream"),
            "cache-control",
            isHashed ? FOREVER : "no-cache",
            "x-content-type-options",
            "nosniff");
    try {
      return new Response(200, headers, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
