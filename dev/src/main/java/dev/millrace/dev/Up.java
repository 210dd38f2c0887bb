package dev.millrace.dev;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.millrace.server.Server;
import dev.millrace.server.ServerConfig;
import dev.millrace.server.http.HttpSettings;
import dev.millrace.server.http.Route;
import dev.millrace.server.postgres.DatabaseUrl;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/**
 * The command {@code up}: Postgres, the example data, the server and the Library app, in this one
 * process, until Ctrl-C. Everything listens on the loopback address only, the server elsewhere
 * where MILLRACE_HOST says so.
 */
@Command(
    name = "up",
    description = "Starts Postgres, the server and the Library app on this machine, until Ctrl-C.",
    footer = {
      "",
      "The data stays in MILLRACE_DATA_DIR (./.millrace), the app is on MILLRACE_PORT (3000).",
      "DATABASE_URL, when set, is used in place of the embedded Postgres.",
      "The server's other settings hold as well: see 'serve --help'."
    })
final class Up implements Callable<Integer> {
  private static final List<String> TOKENS = List.of("MILLRACE_JWT_SECRET", "MILLRACE_JWKS_URL");
  private static final List<String> AUTHENTICATION =
      List.of(
          "MILLRACE_SECRET",
          "ELECTRIC_SECRET",
          "MILLRACE_JWT_SECRET",
          "MILLRACE_JWKS_URL",
          "MILLRACE_INSECURE",
          "ELECTRIC_INSECURE");

  private static final String EXAMPLE =
      "insert into works (owner_id, title, author, year) values"
          + " ('ada00000-0000-4000-8000-000000000001', 'Middlemarch', 'George Eliot', 1871)";

  private static final String WRITES = "/api/writes/batch";

  private final Map<String, String> environment;
  private final Path library;
  private final PrintStream out;

  /** Tokens of users are signed with it unless the environment says otherwise; new each time. */
  private final String tokenSecret = DevTokens.newSecret();

  /** The library is the folder of the example app. */
  Up(Map<String, String> environment, Path library, PrintStream out) {
    this.environment = environment;
    this.library = library;
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    logSparingly();
    try (Ending ending = Ending.watch()) {
      try {
        run(ending);
      } catch (Exception e) {
        if (!ending.isWished()) {
          throw e;
        }
      }
    }
    return 0;
  }

  /** What the server says while all is well would bury what is printed here. */
  private void logSparingly() {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.toLevel(environment.getOrDefault("MILLRACE_LOG_LEVEL", "warn")));
  }

  private void run(Ending ending) throws Exception {
    DataFolder folder = DataFolder.of(environment);
    // Settings are checked before anything starts; which database it will be is not known yet.
    int port = config(folder, "postgresql://postgres@127.0.0.1/postgres").http().port();
    LibraryApp app = LibraryApp.in(library.resolve("dist"));
    try (FolderLock _ = FolderLock.take(folder.path())) {
      folder.withdraw();
      if (!FreePort.isFree(port)) {
        throw new DevException(
            "Port " + port + " is taken: end what listens on it or set MILLRACE_PORT to another.");
      }
      say("data", folder.path().toString());
      String url = environment.getOrDefault("DATABASE_URL", "");
      if (url.isBlank()) {
        try (LocalPostgres postgres = LocalPostgres.persistent(folder.postgres(), 0)) {
          serve(folder, postgres.url(), app, ending);
        }
      } else {
        serve(folder, url, app, ending);
      }
    }
  }

  private void serve(DataFolder folder, String url, LibraryApp app, Ending ending)
      throws Exception {
    say("postgres", DatabaseUrl.parse(url).toString());
    prepareDatabase(DatabaseUrl.parse(url));
    ServerConfig config = config(folder, url);
    Optional<DevTokens> tokens = DevTokens.of(settings(folder, url));
    List<Route> routes = new ArrayList<>(List.of(app));
    tokens.ifPresent(routes::add);
    try (Server server = Server.start(config, routes)) {
      folder.publish(url);
      announce(address(server.port(), config.http()), config.http().isOpen(), tokens.isPresent());
      ending.await();
      out.println("stopping");
    } finally {
      folder.withdraw();
    }
  }

  private void prepareDatabase(DatabaseUrl url) throws SQLException, IOException {
    try (Connection connection = DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties())) {
      LibraryDatabase database = new LibraryDatabase(connection);
      boolean isNew = database.createIfAbsent(library);
      say("library", database.works() + " works, " + (isNew ? "made now" : "as found"));
    }
  }

  private static String address(int port, HttpSettings http) {
    return (http.tls().isPresent() ? "https" : "http") + "://localhost:" + port;
  }

  private void announce(String address, boolean isOpenToAll, boolean hasTokens) {
    say("server", address + "/v1/shape?table=works&offset=-1");
    if (isOpenToAll) {
      say("", "authentication is off, as it is for development (MILLRACE_INSECURE=true)");
    }
    if (hasTokens) {
      say("writes", address + WRITES + ", with a token of " + DevTokens.PATH);
    }
    out.println();
    out.println(
        "The Library is on " + address + "/?user=ada: open it in two windows, the second private.");
    out.println("(?user=grace is somebody else; without it you are a guest.)");
    out.println();
    out.println("Watch a work arrive from a second terminal:");
    out.println();
    out.println("  " + command() + " sql \"" + EXAMPLE + "\"");
    if (hasTokens) {
      out.println();
      out.println("or as Ada's device writes one, row level security and all:");
      out.println();
      out.printf(
          """
            curl %1$s%2$s -H "authorization: Bearer $(curl -sX POST '%1$s%3$s?user=ada')" \\
              -H 'content-type: application/json' -d '{"changes":[{"id":"%4$s","table":"works",
                "op":"insert","payload":{"id":"%5$s","ownerId":"ada00000-0000-4000-8000-000000000001",
                "title":"Silas Marner","author":"George Eliot","year":1861}}]}'
          """,
          address, WRITES, DevTokens.PATH, UUID.randomUUID(), UUID.randomUUID());
    }
    out.println();
    out.println("Ctrl-C stops everything; the data stays.");
  }

  /** As it was called, and so that it finds this data folder. */
  private String command() {
    String called = System.getProperty("millrace.command", "./millrace");
    String folder = environment.get("MILLRACE_DATA_DIR");
    return folder == null ? called : "MILLRACE_DATA_DIR='" + folder + "' " + called;
  }

  private void say(String subject, String text) {
    out.printf("%-10s%s%n", subject, text);
  }

  private ServerConfig config(DataFolder folder, String databaseUrl) {
    return ServerConfig.read(settings(folder, databaseUrl));
  }

  private Map<String, String> settings(DataFolder folder, String databaseUrl) {
    Map<String, String> settings = new TreeMap<>(environment);
    settings.put("DATABASE_URL", databaseUrl);
    settings.put("MILLRACE_DATA_DIR", folder.path().toString());
    if (!isOneSet(AUTHENTICATION)) {
      settings.put("MILLRACE_INSECURE", "true");
    }
    if (!isOneSet(TOKENS)) {
      settings.put("MILLRACE_JWT_SECRET", tokenSecret);
    }
    return settings;
  }

  private boolean isOneSet(List<String> names) {
    return names.stream().anyMatch(name -> !environment.getOrDefault(name, "").isBlank());
  }
}
