package dev.millrace.server;

import dev.millrace.server.http.HttpSettings;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.shape.Shapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** All settings of a server, read once. */
public record ServerConfig(
    DatabaseUrl database,
    int databasePoolSize,
    String replicationStreamId,
    Path dataDir,
    HttpSettings http,
    Shapes.Settings shapes,
    Tables tables,
    String logLevel) {

  /**
   * How tables are published and watched.
   *
   * @param isPublishedManually whether somebody else adds them to the publication
   * @param schemaPoll how often the catalogue is looked at
   */
  public record Tables(boolean isPublishedManually, Duration schemaPoll) {}

  /** Beside the environment, which wins. */
  private static final String FILE = "millrace.yaml";

  private static final Set<String> LOG_LEVELS = Set.of("error", "warn", "info", "debug");

  /**
   * Reads the environment, and {@code millrace.yaml} of the current folder if there is one.
   *
   * @throws ConfigException with every problem found
   */
  public static ServerConfig load(Map<String, String> environment) {
    Map<String, String> values = new HashMap<>();
    List<String> problems = new ArrayList<>();
    Path file = Path.of(FILE);
    if (Files.exists(file)) {
      values.putAll(readFile(file, problems));
    }
    values.putAll(environment);
    return new Reader(values, problems).read();
  }

  /**
   * Reads settings by their names.
   *
   * @throws ConfigException with every problem found
   */
  public static ServerConfig read(Map<String, String> values) {
    return new Reader(values, new ArrayList<>()).read();
  }

  private static Map<String, String> readFile(Path file, List<String> problems) {
    Map<String, String> values = new HashMap<>();
    try {
      Object root = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
      if (root instanceof Map<?, ?> map) {
        map.forEach((key, value) -> values.put(String.valueOf(key), String.valueOf(value)));
      } else if (root != null) {
        problems.add(FILE + " must be a list of names and values.");
      }
    } catch (IOException | YamlEngineException e) {
      problems.add(FILE + " cannot be read: " + e.getMessage());
    }
    return values;
  }

  private static final class Reader {

    private static final long MEMORY_SHARE = 8;

    private final Map<String, String> values;
    private final List<String> problems;

    Reader(Map<String, String> values, List<String> problems) {
      this.values = values;
      this.problems = problems;
    }

    ServerConfig read() {
      refuseNotYet();
      Optional<DatabaseUrl> database = database();
      Path dataDir = Path.of(Setting.DATA_DIR.in(values)).toAbsolutePath().normalize();
      HttpSettings http = http();
      Tables tables =
          new Tables(
              bool(Setting.MANUAL_TABLE_PUBLISHING),
              Duration.ofSeconds(number(Setting.SCHEMA_POLL, 1, 86_400)));
      long chunkBytes = number(Setting.CHUNK_BYTES, 1, 1 << 30);
      int poolSize = number(Setting.DB_POOL_SIZE, 1, 1000);
      String logLevel = Setting.LOG_LEVEL.in(values).toLowerCase(Locale.ROOT);
      if (!LOG_LEVELS.contains(logLevel)) {
        problems.add(Setting.LOG_LEVEL.key() + " must be one of error, warn, info, debug.");
      }
      String streamId = Setting.REPLICATION_STREAM_ID.in(values);
      if (!streamId.matches("[a-z0-9_]{1,40}")) {
        problems.add(
            Setting.REPLICATION_STREAM_ID.key()
                + " must be up to 40 small letters, digits and underscores.");
      }
      if (!problems.isEmpty()) {
        throw new ConfigException(problems);
      }
      long hotBytes = Runtime.getRuntime().maxMemory() / MEMORY_SHARE;
      return new ServerConfig(
          database.orElseThrow(),
          poolSize,
          streamId,
          dataDir,
          http,
          new Shapes.Settings(dataDir.resolve("server"), chunkBytes, hotBytes),
          tables,
          logLevel);
    }

    private void refuseNotYet() {
      Setting.NOT_YET.stream()
          .filter(name -> !values.getOrDefault(name, "").isBlank())
          .forEach(name -> problems.add(name + " is not supported by this version."));
    }

    private Optional<DatabaseUrl> database() {
      String text = Setting.DATABASE_URL.in(values);
      if (text.isEmpty()) {
        problems.add(
            "DATABASE_URL is not set: say which Postgres to follow, as"
                + " postgresql://user:password@host:5432/database.");
        return Optional.empty();
      }
      try {
        return Optional.of(DatabaseUrl.parse(text));
      } catch (IllegalArgumentException e) {
        problems.add("DATABASE_URL is wrong: " + e.getMessage() + ".");
        return Optional.empty();
      }
    }

    private HttpSettings http() {
      Optional<String> secret = Setting.SECRET.given(values);
      boolean insecure = bool(Setting.INSECURE);
      if (secret.isEmpty() && !insecure) {
        problems.add(
            "No authentication is set: give MILLRACE_SECRET, or MILLRACE_INSECURE=true to let"
                + " everybody read everything.");
      } else if (secret.isPresent() && insecure) {
        problems.add("MILLRACE_SECRET and MILLRACE_INSECURE=true exclude each other.");
      }
      return new HttpSettings(
          Setting.HOST.in(values),
          number(Setting.PORT, 0, 65_535),
          secret,
          longPollTimeout(),
          Duration.ofSeconds(number(Setting.CACHE_MAX_AGE, 0, Integer.MAX_VALUE)),
          Duration.ofSeconds(number(Setting.CACHE_STALE_AGE, 0, Integer.MAX_VALUE)));
    }

    private Duration longPollTimeout() {
      String millis = values.getOrDefault(Setting.LONG_POLL_MILLIS, "");
      if (Setting.LONG_POLL_TIMEOUT.given(values).isPresent() || millis.isBlank()) {
        return Duration.ofSeconds(number(Setting.LONG_POLL_TIMEOUT, 1, 600));
      }
      return Duration.ofMillis(number(Setting.LONG_POLL_MILLIS, millis, 1, 600_000));
    }

    private boolean bool(Setting setting) {
      String text = setting.in(values);
      if (!text.equals("true") && !text.equals("false")) {
        problems.add(setting.key() + " must be true or false, not '" + text + "'.");
      }
      return text.equals("true");
    }

    private int number(Setting setting, int least, int most) {
      return number(setting.key(), setting.in(values), least, most);
    }

    private int number(String name, String text, int least, int most) {
      try {
        int value = Integer.parseInt(text.strip());
        if (value >= least && value <= most) {
          return value;
        }
      } catch (NumberFormatException e) {
        // reported below
      }
      problems.add(
          "%s must be a whole number from %d to %d, not '%s'.".formatted(name, least, most, text));
      return least;
    }
  }
}
