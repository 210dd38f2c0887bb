package dev.millrace.server;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.auth.AuthSettings;
import dev.millrace.server.http.HttpSettings;
import dev.millrace.server.http.SchemaVersions;
import dev.millrace.server.http.TlsCertificate;
import dev.millrace.server.http.WriteLimits;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.shape.Shapes;
import dev.millrace.server.write.TablePolicy;
import dev.millrace.server.write.WritePolicies;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * All settings of a server, read once.
 *
 * @param auth whose tokens are believed; without it nobody writes
 * @param metricsPort of {@code /metrics}, if it has one of its own
 */
public record ServerConfig(
    DatabaseUrl database,
    int databasePoolSize,
    String replicationStreamId,
    Path dataDir,
    HttpSettings http,
    Optional<AuthSettings> auth,
    WritePolicies writes,
    OptionalInt metricsPort,
    Shapes.Settings shapes,
    Tables tables,
    LogSettings log) {

  /**
   * How tables are published and watched.
   *
   * @param isPublishedManually whether somebody else adds them to the publication
   * @param schemaPoll how often the catalogue is looked at
   * @param policyPoll how often policies and privileges are
   */
  public record Tables(
      boolean isPublishedManually, Duration schemaPoll, Duration policyPoll, boolean mayTrigger) {}

  /** Beside the environment, which wins; looked for in the current folder. */
  private static final String FILE = "millrace.yaml";

  /** Where it is if it is elsewhere. */
  private static final String FILE_SETTING = "MILLRACE_CONFIG";

  private static final Set<String> LOG_LEVELS = Set.of("error", "warn", "info", "debug");

  /**
   * Reads the environment, and the file that {@code MILLRACE_CONFIG} names or {@code millrace.yaml}
   * of the current folder if there is one.
   *
   * @throws ConfigException with every problem found
   */
  public static ServerConfig load(Map<String, String> environment) {
    return reader(environment).read();
  }

  /**
   * Which Postgres a server follows, and as what.
   *
   * @param poolSize how many connections it may take beside the one that follows
   */
  record Source(
      DatabaseUrl database, String publication, String slot, int poolSize, Set<String> userRoles) {}

  /**
   * Reads from where {@link #load} does, and no more than concerns Postgres.
   *
   * @throws ConfigException with every problem found
   */
  static Source loadSource(Map<String, String> environment) {
    return reader(environment).readSource();
  }

  /**
   * What is said of tables where {@link #load} reads.
   *
   * @throws ConfigException if the file of settings is wrong
   */
  static Map<RelationName, TablePolicy> loadTables(Map<String, String> environment) {
    Reader reader = reader(environment);
    reader.refuseIfWrong();
    return reader.file.tables();
  }

  /** Names in Postgres end with the stream's id: one for each server on a database. */
  Source source() {
    Set<String> userRoles = auth.map(AuthSettings::allRoles).orElse(Set.of());
    return source(database, replicationStreamId, databasePoolSize, userRoles);
  }

  private static Source source(
      DatabaseUrl database, String streamId, int poolSize, Set<String> userRoles) {
    return new Source(
        database,
        "millrace_publication_" + streamId,
        "millrace_slot_" + streamId,
        poolSize,
        userRoles);
  }

  private static Reader reader(Map<String, String> environment) {
    List<String> problems = new ArrayList<>();
    Path file = Path.of(environment.getOrDefault(FILE_SETTING, FILE));
    boolean isExpected = environment.containsKey(FILE_SETTING) || Files.exists(file);
    SettingsFile said = isExpected ? SettingsFile.read(file, problems) : SettingsFile.NONE;
    return new Reader(environment, said, problems);
  }

  /**
   * Reads settings by their names.
   *
   * @throws ConfigException with every problem found
   */
  public static ServerConfig read(Map<String, String> values) {
    return new Reader(values, SettingsFile.NONE, new ArrayList<>()).read();
  }

  private static final class Reader {

    private static final long MEMORY_SHARE = 8;

    private final Map<String, String> environment;
    private final SettingsFile file;
    private final Map<String, String> values;
    private final List<String> problems;

    Reader(Map<String, String> environment, SettingsFile file, List<String> problems) {
      this.environment = environment;
      this.file = file;
      this.values = new HashMap<>(file.values());
      this.values.putAll(environment);
      this.problems = problems;
    }

    private void refuseIfWrong() {
      if (!problems.isEmpty()) {
        throw new ConfigException(
            problems.stream().map(problem -> file.located(problem, environment.keySet())).toList());
      }
    }

    ServerConfig read() {
      Optional<DatabaseUrl> database = database();
      Path dataDir = Path.of(Setting.DATA_DIR.in(values)).toAbsolutePath().normalize();
      HttpSettings http = http();
      Tables tables =
          new Tables(
              bool(Setting.MANUAL_TABLE_PUBLISHING),
              Duration.ofSeconds(number(Setting.SCHEMA_POLL, 1, 86_400)),
              Duration.ofSeconds(number(Setting.POLICY_POLL, 1, 86_400)),
              bool(Setting.EVENT_TRIGGER));
      long chunkBytes = number(Setting.CHUNK_BYTES, 1, 1 << 30);
      int maxShapes =
          Setting.MAX_SHAPES.given(values).isEmpty()
              ? Integer.MAX_VALUE
              : number(Setting.MAX_SHAPES, 1, Integer.MAX_VALUE);
      int poolSize = poolSize();
      LogSettings log = log();
      String streamId = streamId();
      OptionalInt metricsPort = metricsPort();
      Optional<AuthSettings> auth = new AuthReader().read();
      WritePolicies writes =
          new WritePolicies(
              file.tables(),
              Duration.ofDays(number(Setting.LEDGER_RETENTION, 1, 3_650)),
              number(Setting.WRITE_POOL_SIZE, 1, 1000));
      refuseIfWrong();
      long hotBytes = Runtime.getRuntime().maxMemory() / MEMORY_SHARE;
      return new ServerConfig(
          database.orElseThrow(),
          poolSize,
          streamId,
          dataDir,
          http,
          auth,
          writes,
          metricsPort,
          new Shapes.Settings(dataDir.resolve("server"), chunkBytes, hotBytes, maxShapes),
          tables,
          log);
    }

    private LogSettings log() {
      String level = Setting.LOG_LEVEL.in(values).toLowerCase(Locale.ROOT);
      if (!LOG_LEVELS.contains(level)) {
        problems.add(Setting.LOG_LEVEL.key() + " must be one of error, warn, info, debug.");
      }
      String format = Setting.LOG_FORMAT.in(values).toLowerCase(Locale.ROOT);
      if (!format.equals("text") && !format.equals("json")) {
        problems.add(Setting.LOG_FORMAT.key() + " must be text or json, not '" + format + "'.");
      }
      return new LogSettings(level, format.equals("json"));
    }

    private OptionalInt metricsPort() {
      return Setting.METRICS_PORT.given(values).isEmpty()
          ? OptionalInt.empty()
          : OptionalInt.of(number(Setting.METRICS_PORT, 0, 65_535));
    }

    Source readSource() {
      Optional<DatabaseUrl> database = database();
      int poolSize = poolSize();
      String streamId = streamId();
      refuseIfWrong();
      return source(
          database.orElseThrow(), streamId, poolSize, hasTokens() ? userRoles() : Set.of());
    }

    /** Those that a token may name. */
    private Set<String> namedRoles() {
      Set<String> roles = new TreeSet<>();
      for (String role : Setting.ROLES.in(values).split(",", -1)) {
        if (!role.isBlank()) {
          roles.add(role.strip());
        }
      }
      return roles;
    }

    private Set<String> userRoles() {
      Set<String> roles = namedRoles();
      roles.add(Setting.USER_ROLE.in(values));
      return roles;
    }

    private int poolSize() {
      return number(Setting.DB_POOL_SIZE, 1, 1000);
    }

    private String streamId() {
      String streamId = Setting.REPLICATION_STREAM_ID.in(values);
      if (!streamId.matches("[a-z0-9_]{1,40}")) {
        problems.add(
            Setting.REPLICATION_STREAM_ID.key()
                + " must be up to 40 small letters, digits and underscores.");
      }
      return streamId;
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
      boolean hasTokens = hasTokens();
      if (secret.isEmpty() && !insecure && !hasTokens) {
        problems.add(
            "No authentication is set: give MILLRACE_SECRET, MILLRACE_JWT_SECRET or"
                + " MILLRACE_JWKS_URL, or MILLRACE_INSECURE=true to let everybody read"
                + " everything.");
      } else if (secret.isPresent() && insecure) {
        problems.add("MILLRACE_SECRET and MILLRACE_INSECURE=true exclude each other.");
      }
      return new HttpSettings(
          Setting.HOST.in(values),
          number(Setting.PORT, 0, 65_535),
          tls(),
          secret,
          insecure,
          bool(Setting.ENABLE_SHAPE_DELETION),
          number(Setting.MAX_INITIAL_REQUESTS, 1, 1_000_000),
          number(Setting.MAX_EXISTING_REQUESTS, 1, 1_000_000),
          longPollTimeout(),
          Duration.ofSeconds(number(Setting.CACHE_MAX_AGE, 0, Integer.MAX_VALUE)),
          Duration.ofSeconds(number(Setting.CACHE_STALE_AGE, 0, Integer.MAX_VALUE)),
          new HttpSettings.Times(
              time(Setting.IDLE_TIMEOUT),
              time(Setting.SSE_TIMEOUT),
              time(Setting.SSE_KEEP_ALIVE),
              time(Setting.WRITE_TIMEOUT)),
          writeLimits());
    }

    private boolean hasTokens() {
      return Setting.JWT_SECRET.given(values).isPresent()
          || Setting.JWKS_URL.given(values).isPresent();
    }

    private WriteLimits writeLimits() {
      return new WriteLimits(
          number(Setting.MAX_BATCH_CHANGES, 1, 10_000),
          number(Setting.MAX_BATCH_BYTES, 1_000, 8_000_000),
          number(Setting.MAX_WRITES, 1, 100_000),
          number(Setting.MAX_WRITES_PER_USER, 1, 100_000),
          schemaVersions());
    }

    private SchemaVersions schemaVersions() {
      String text = Setting.SCHEMA_VERSIONS.in(values);
      try {
        return text.isEmpty() ? SchemaVersions.ALL : SchemaVersions.parse(text);
      } catch (IllegalArgumentException e) {
        problems.add(
            Setting.SCHEMA_VERSIONS.key() + " must be such as 2-5 or 2-, not '" + text + "'.");
        return SchemaVersions.ALL;
      }
    }

    /** What concerns tokens and roles. */
    private final class AuthReader {

      Optional<AuthSettings> read() {
        Optional<String> secret = Setting.JWT_SECRET.given(values);
        Optional<String> address = Setting.JWKS_URL.given(values);
        if (secret.isPresent() && address.isPresent()) {
          problems.add("MILLRACE_JWT_SECRET and MILLRACE_JWKS_URL exclude each other.");
        }
        return secret
            .flatMap(this::secret)
            .or(() -> address.flatMap(this::keySet))
            .map(keys ->
                new AuthSettings(
                    keys,
                    Setting.JWT_ISSUER.given(values),
                    Setting.JWT_AUDIENCE.given(values),
                    Setting.USER_ROLE.in(values),
                    namedRoles()));
      }

      private Optional<AuthSettings.Keys> secret(String text) {
        try {
          return Optional.of(new AuthSettings.Secret(text));
        } catch (IllegalArgumentException e) {
          problems.add("MILLRACE_JWT_SECRET " + e.getMessage() + ".");
          return Optional.empty();
        }
      }

      private Optional<AuthSettings.Keys> keySet(String text) {
        try {
          return Optional.of(
              new AuthSettings.KeySet(
                  new URI(text.strip()),
                  AuthSettings.KeySet.Times.refreshedAfter(
                      Duration.ofSeconds(number(Setting.JWKS_REFRESH, 1, 86_400)))));
        } catch (IllegalArgumentException | URISyntaxException e) {
          problems.add("MILLRACE_JWKS_URL must be an address of http or https.");
          return Optional.empty();
        }
      }
    }

    private Optional<TlsCertificate> tls() {
      Optional<Path> chain = Setting.TLS_CERT.given(values).map(Path::of);
      Optional<Path> key = Setting.TLS_KEY.given(values).map(Path::of);
      if (chain.isPresent() && key.isPresent()) {
        return tls(chain.get(), key.get());
      }
      if (chain.isPresent() || key.isPresent()) {
        Setting given = chain.isPresent() ? Setting.TLS_CERT : Setting.TLS_KEY;
        Setting missing = chain.isPresent() ? Setting.TLS_KEY : Setting.TLS_CERT;
        problems.add(given.key() + " is set without " + missing.key() + ".");
      }
      return Optional.empty();
    }

    private Optional<TlsCertificate> tls(Path chainFile, Path keyFile) {
      Setting read = Setting.TLS_CERT;
      try {
        List<X509Certificate> chain = TlsCertificate.readChain(chainFile);
        read = Setting.TLS_KEY;
        PrivateKey key = TlsCertificate.readKey(keyFile, chain.getFirst());
        return Optional.of(new TlsCertificate(chain, key));
      } catch (IOException | IllegalArgumentException e) {
        problems.add("%s cannot be used: %s.".formatted(read.key(), e.getMessage()));
        return Optional.empty();
      }
    }

    /** At least a second, at most a day. */
    private Duration time(Setting setting) {
      return Duration.ofSeconds(number(setting, 1, 86_400));
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
