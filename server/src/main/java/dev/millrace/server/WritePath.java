package dev.millrace.server;

import dev.millrace.server.auth.Authenticator;
import dev.millrace.server.http.HttpServer;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.write.WriteGateway;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What lets users write: who they are, and what applies what they send. */
record WritePath(Authenticator authenticator, WriteGateway gateway) implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WritePath.class);

  /**
   * Opens it; empty where no tokens are believed.
   *
   * @throws ConfigException if users would act as a role that no policy holds. Where Postgres
   *     cannot be asked that is left to the first request
   */
  static Optional<WritePath> open(ServerConfig config, Database database) {
    return config
        .auth()
        .map(settings -> {
          Authenticator authenticator =
              new Authenticator(settings, database, InstantSource.system());
          refuseDangers(authenticator);
          return new WritePath(
              authenticator,
              WriteGateway.open(config.database(), config.writes(), InstantSource.system()));
        });
  }

  private static void refuseDangers(Authenticator authenticator) {
    try {
      List<String> dangers = authenticator.dangers();
      if (!dangers.isEmpty()) {
        authenticator.close();
        throw new ConfigException(dangers);
      }
    } catch (DatabaseException e) {
      log.warn("the roles of users are looked at later: {}", e.getMessage());
    }
  }

  HttpServer.Writes parts() {
    return new HttpServer.Writes(authenticator, gateway::apply);
  }

  @Override
  public void close() {
    gateway.close();
    authenticator.close();
  }
}
