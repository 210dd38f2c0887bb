package dev.millrace.server.postgres;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Where the database is, as {@code postgresql://user:password@host:port/database?sslmode=require}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-connect.html">Connection URIs</a>
 */
public record DatabaseUrl(
    String host,
    int port,
    String database,
    String user,
    String password,
    Map<String, String> options) {

  private static final int DEFAULT_PORT = 5432;
  private static final String CONNECT_TIMEOUT_SECONDS = "5";

  public DatabaseUrl {
    options = Map.copyOf(options);
  }

  /**
   * Reads a connection URI.
   *
   * @throws IllegalArgumentException with a sentence for the person who set it; it never contains
   *     the password
   */
  public static DatabaseUrl parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "it is not a URI (special characters in user or password must be percent-encoded)");
    }
    if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
      throw new IllegalArgumentException("it must start with postgresql://");
    }
    if (uri.getHost() == null) {
      throw new IllegalArgumentException("it names no host");
    }
    String[] login = uri.getRawUserInfo() == null ? new String[0] : splitLogin(uri);
    String user = login.length > 0 ? decode(login[0]) : "postgres";
    String path = uri.getPath();
    return new DatabaseUrl(
        uri.getHost(),
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        path == null || path.length() < 2 ? user : path.substring(1),
        user,
        login.length > 1 ? decode(login[1]) : "",
        query(uri.getRawQuery() == null ? "" : uri.getRawQuery()));
  }

  private static String[] splitLogin(URI uri) {
    return uri.getRawUserInfo().split(":", 2);
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String pair : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        options.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
      }
    }
    return options;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The address in the form of the JDBC driver, without user, password and options. */
  public String jdbcUrl() {
    return "jdbc:postgresql://%s:%d/%s"
        .formatted(host, port, URLEncoder.encode(database, StandardCharsets.UTF_8));
  }

  /** User, password and options in the form of the JDBC driver. */
  public Properties jdbcProperties() {
    Properties properties = new Properties();
    properties.putAll(options);
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("tcpKeepAlive", "true");
    properties.putIfAbsent("connectTimeout", CONNECT_TIMEOUT_SECONDS);
    properties.putIfAbsent("socketFactory", PostgresSockets.class.getName());
    properties.setProperty("ApplicationName", "millrace");
    return properties;
  }

  /** Without the password: safe to log. */
  @Override
  public String toString() {
    return "postgresql://%s@%s:%d/%s".formatted(user, host, port, database);
  }
}
