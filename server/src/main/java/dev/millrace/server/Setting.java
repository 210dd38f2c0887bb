package dev.millrace.server;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** What can be set, each with its default, its older name at Electric, and a sentence of help. */
enum Setting {
  DATABASE_URL(
      "DATABASE_URL",
      "",
      "",
      "The Postgres to follow: postgresql://user:password@host:port/database. Required."),
  HOST("MILLRACE_HOST", "127.0.0.1", "", "Address to listen on; 0.0.0.0 for all."),
  PORT("MILLRACE_PORT", "3000", "ELECTRIC_PORT", "Port to listen on; 0 for any free one."),
  TLS_CERT(
      "MILLRACE_TLS_CERT",
      "",
      "",
      "PEM file with the server's certificate and those that vouch for it: HTTPS, no plain HTTP."),
  TLS_KEY(
      "MILLRACE_TLS_KEY", "", "", "PEM file with the key of the certificate, PKCS#8, unencrypted."),
  DATA_DIR(
      "MILLRACE_DATA_DIR",
      "./.millrace",
      "ELECTRIC_STORAGE_DIR",
      "Folder for shapes and journal. One server at a time."),
  SECRET(
      "MILLRACE_SECRET",
      "",
      "ELECTRIC_SECRET",
      "What a request on /v1/shape must carry as the parameter 'secret'; it may then read all."),
  INSECURE(
      "MILLRACE_INSECURE",
      "false",
      "ELECTRIC_INSECURE",
      "true: everybody may read everything. For development. Writes need a token all the same."),
  JWT_SECRET(
      "MILLRACE_JWT_SECRET",
      "",
      "",
      "What the tokens of users are signed with (HS256), at least 32 bytes. This or MILLRACE_JWKS_URL"
          + " lets users write, and read what their policies allow."),
  JWKS_URL(
      "MILLRACE_JWKS_URL",
      "",
      "",
      "Where the keys are published that tokens are signed with (RS256, ES256, EdDSA)."),
  JWKS_REFRESH(
      "MILLRACE_JWKS_REFRESH",
      "300",
      "",
      "After how many seconds the published keys are fetched again: for so long a withdrawn key"
          + " counts."),
  JWT_ISSUER("MILLRACE_JWT_ISSUER", "", "", "What a token must have as 'iss'. Default: anything."),
  JWT_AUDIENCE(
      "MILLRACE_JWT_AUDIENCE", "", "", "What a token must have among 'aud'. Default: anything."),
  USER_ROLE(
      "MILLRACE_USER_ROLE",
      "authenticated",
      "",
      "The role in Postgres that users act as. Must neither be a superuser nor bypass row level"
          + " security."),
  ROLES(
      "MILLRACE_ROLES",
      "",
      "",
      "Further roles, with commas between, that a token may ask for by its claim 'role'."),
  POLICY_POLL(
      "MILLRACE_POLICY_POLL",
      "1",
      "",
      "How often it is looked at whether policies, privileges and roles have changed, in seconds: for"
          + " so long a user may be shown what was just taken away."),
  EVENT_TRIGGER(
      "MILLRACE_EVENT_TRIGGER",
      "true",
      "",
      "false: makes no event trigger in Postgres. By it a server that is a superuser and lets users in"
          + " is told of changed policies at once."),
  SCHEMA_VERSIONS(
      "MILLRACE_SCHEMA_VERSIONS",
      "",
      "",
      "Which versions of the application may write, such as 2-5 or 2-: others are answered 409 and"
          + " keep what they have. Default: all."),
  MAX_BATCH_CHANGES(
      "MILLRACE_MAX_BATCH_CHANGES", "1000", "", "Most changes that may be sent at once."),
  MAX_BATCH_BYTES(
      "MILLRACE_MAX_BATCH_BYTES",
      "4194304",
      "",
      "Size that a batch of changes may have when it is unpacked, in bytes."),
  MAX_WRITES(
      "MILLRACE_MAX_WRITES",
      "256",
      "",
      "Most batches taken in at once; more are told to come back."),
  MAX_WRITES_PER_USER(
      "MILLRACE_MAX_WRITES_PER_USER", "4", "", "Most batches of one user taken in at once."),
  WRITE_POOL_SIZE(
      "MILLRACE_WRITE_POOL_SIZE",
      "10",
      "",
      "Largest number of connections to Postgres for writes, beside MILLRACE_DB_POOL_SIZE."),
  LEDGER_RETENTION(
      "MILLRACE_LEDGER_RETENTION",
      "90",
      "",
      "For how many days it is remembered which changes were applied."),
  ENABLE_SHAPE_DELETION(
      "MILLRACE_ENABLE_SHAPE_DELETION",
      "false",
      "ELECTRIC_ENABLE_INTEGRATION_TESTING",
      "true: DELETE /v1/shape drops a shape. For tests."),
  MAX_INITIAL_REQUESTS(
      "MILLRACE_MAX_INITIAL_REQUESTS",
      "5000",
      "",
      "Most requests at once that may have to make a shape; more are told to come back."),
  MAX_EXISTING_REQUESTS(
      "MILLRACE_MAX_EXISTING_REQUESTS",
      "50000",
      "",
      "Most requests at once on shapes that are there, waiting ones included."),
  CHUNK_BYTES(
      "MILLRACE_CHUNK_BYTES",
      "10485760",
      "ELECTRIC_SHAPE_CHUNK_BYTES_THRESHOLD",
      "Size at which an answer is cut, in bytes."),
  CACHE_MAX_AGE(
      "MILLRACE_CACHE_MAX_AGE",
      "60",
      "ELECTRIC_CACHE_MAX_AGE",
      "How long caches may keep a catch-up answer, in seconds."),
  CACHE_STALE_AGE(
      "MILLRACE_CACHE_STALE_AGE",
      "300",
      "ELECTRIC_CACHE_STALE_AGE",
      "How long caches may serve it stale while they ask again, in seconds."),
  LONG_POLL_TIMEOUT(
      "MILLRACE_LONG_POLL_TIMEOUT",
      "20",
      "",
      "How long a live request waits for a change, in seconds."),
  MAX_SHAPES(
      "MILLRACE_MAX_SHAPES",
      "",
      "ELECTRIC_MAX_SHAPES",
      "How many shapes are kept; above it those nobody has used for longest go. Default: no limit."),
  IDLE_TIMEOUT(
      "MILLRACE_IDLE_TIMEOUT",
      "75",
      "",
      "When a connection without a request is closed, in seconds. Must be longer than a load"
          + " balancer keeps one (AWS ALB: 60), or it answers 502 now and then."),
  SSE_TIMEOUT(
      "MILLRACE_SSE_TIMEOUT",
      "60",
      "",
      "When an event stream ends and its client asks again, in seconds."),
  SSE_KEEP_ALIVE(
      "MILLRACE_SSE_KEEP_ALIVE",
      "21",
      "",
      "After how much silence an event stream says that it is there, in seconds. Must be shorter"
          + " than any proxy waits."),
  WRITE_TIMEOUT(
      "MILLRACE_WRITE_TIMEOUT",
      "60",
      "",
      "When a client that takes nothing of its answer is given up, in seconds."),
  DB_POOL_SIZE(
      "MILLRACE_DB_POOL_SIZE",
      "20",
      "ELECTRIC_DB_POOL_SIZE",
      "Largest number of connections to Postgres, beside the one that follows it."),
  REPLICATION_STREAM_ID(
      "MILLRACE_REPLICATION_STREAM_ID",
      "default",
      "ELECTRIC_REPLICATION_STREAM_ID",
      "Ending of the names of slot and publication: one for each server on a database."),
  MANUAL_TABLE_PUBLISHING(
      "MILLRACE_MANUAL_TABLE_PUBLISHING",
      "false",
      "ELECTRIC_MANUAL_TABLE_PUBLISHING",
      "true: tables are added to the publication, with full replica identity, by somebody else."),
  SCHEMA_POLL(
      "MILLRACE_SCHEMA_POLL",
      "60",
      "",
      "How often shapes are compared with Postgres' catalogue, in seconds."),
  METRICS_PORT(
      "MILLRACE_METRICS_PORT",
      "",
      "ELECTRIC_PROMETHEUS_PORT",
      "Port for /metrics, in Prometheus' form; without it /metrics is on the server's port."),
  LOG_FORMAT(
      "MILLRACE_LOG_FORMAT", "text", "", "text, or json: an object a line with every field."),
  LOG_LEVEL("MILLRACE_LOG_LEVEL", "info", "ELECTRIC_LOG_LEVEL", "error, warn, info or debug.");

  /** Names with another unit than ours: they cannot simply stand in. */
  static final String LONG_POLL_MILLIS = "ELECTRIC_LONG_POLL_TIMEOUT";

  private final String key;
  private final String byDefault;
  private final String alias;
  private final String help;

  Setting(String key, String byDefault, String alias, String help) {
    this.key = key;
    this.byDefault = byDefault;
    this.alias = alias;
    this.help = help;
  }

  /** Whether something can be set by {@code name}. */
  static boolean isName(String name) {
    return name.equals(LONG_POLL_MILLIS)
        || Arrays.stream(values())
            .anyMatch(setting -> setting.key.equals(name) || setting.alias.equals(name));
  }

  String key() {
    return key;
  }

  /** What the setting is, or its default; empty text counts as not set. */
  String in(Map<String, String> values) {
    return given(values).orElse(byDefault);
  }

  /** What was set under our name or the older one. */
  Optional<String> given(Map<String, String> values) {
    return Optional.ofNullable(values.get(key))
        .filter(value -> !value.isBlank())
        .or(() -> Optional.ofNullable(values.get(alias)).filter(value -> !value.isBlank()));
  }

  /** A line of the list in {@code --help}. */
  String describe() {
    String ending = byDefault.isEmpty() ? "" : " [" + byDefault + "]";
    String older = alias.isEmpty() ? "" : " (or " + alias + ")";
    return "  %s%s%s%n      %s".formatted(key, ending, older, help);
  }
}
