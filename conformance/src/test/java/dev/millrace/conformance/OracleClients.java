package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The strict clients of the oracle, those that follow and those that have stopped. One thread. */
final class OracleClients implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int MOST_RUNNING = 12;
  private static final int MOST_STOPPED = 5;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI server;
  private final CuttingProxy proxy;
  private final Witness witness;
  private final List<StrictClient> clients = new ArrayList<>();
  private int begun;

  OracleClients(URI server, Witness witness, long seed) throws IOException {
    this.server = server;
    this.witness = witness;
    this.proxy = CuttingProxy.start(server, 20_000, seed);
  }

  StrictClient begin(FollowedShape shape, StrictClient.Manner manner) {
    retireIfMoreThan(MOST_RUNNING, StrictClient::isRunning);
    StrictClient client =
        new StrictClient(
            "client-" + ++begun,
            http,
            manner.isCut() ? proxy.uri() : server,
            manner,
            new StrictCopy(shape, manner.beginsNow(), witness));
    clients.add(client);
    client.start();
    return client;
  }

  private void retireIfMoreThan(int most, Predicate<StrictClient> kind) {
    List<StrictClient> those = clients.stream().filter(kind).toList();
    if (those.size() >= most) {
      retire(those.getFirst());
    }
  }

  private void retire(StrictClient client) {
    client.stop();
    clients.remove(client);
  }

  void stopOne(int draw) {
    retireIfMoreThan(MOST_STOPPED, client -> !client.isRunning());
    choose(draw, StrictClient::isRunning, StrictClient::stop);
  }

  void resumeOne(int draw) {
    choose(draw, client -> !client.isRunning(), StrictClient::start);
  }

  void retireOne(int draw) {
    choose(draw, client -> true, this::retire);
  }

  private void choose(int draw, Predicate<StrictClient> kind, Consumer<StrictClient> act) {
    List<StrictClient> those = clients.stream().filter(kind).toList();
    if (!those.isEmpty()) {
      act.accept(those.get(draw % those.size()));
    }
  }

  /** Lets go of those whose shape cannot be had any more; the others must not have been refused. */
  void dismiss(List<OracleTable> tables) {
    for (StrictClient client : List.copyOf(clients)) {
      client
          .farewell()
          .ifPresent(refusal -> {
            assertThat(witness.isReforming(client.shape().table()))
                .as("a reason for %s, which %s got", refusal, client)
                .isTrue();
            retire(client);
          });
      if (tables.stream().noneMatch(client.shape()::fits)) {
        retire(client);
      }
    }
  }

  /** The filters on the table that want marks of their own. */
  List<OracleFilter> filtersOf(OracleTable table) {
    Map<Map<String, String>, OracleFilter> byMark = new LinkedHashMap<>();
    running().stream()
        .map(StrictClient::shape)
        .filter(shape -> shape.fits(table))
        .flatMap(shape -> shape.filter().stream())
        .filter(filter -> !filter.mark().isEmpty())
        .forEach(filter -> byMark.putIfAbsent(filter.mark(), filter));
    return List.copyOf(byMark.values());
  }

  List<StrictClient> running() {
    return clients.stream().filter(StrictClient::isRunning).toList();
  }

  /** Waits until it holds of all that run and have not been sent away. */
  void await(String what, Predicate<StrictClient> condition) {
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(10))
          .until(() ->
              running().stream()
                  .peek(OracleClients::assertUnharmed)
                  .allMatch(client -> client.farewell().isPresent() || condition.test(client)));
    } catch (ConditionTimeoutException e) {
      List<StrictClient> late =
          running().stream().filter(client -> !condition.test(client)).toList();
      throw new AssertionError("these do not come to %s: %s".formatted(what, late), e);
    }
  }

  private static void assertUnharmed(StrictClient client) {
    client
        .failure()
        .ifPresent(failure -> {
          throw new AssertionError(client + ": " + failure.getMessage(), failure);
        });
  }

  @Override
  public void close() throws IOException {
    clients.forEach(StrictClient::stop);
    proxy.close();
    http.shutdownNow();
  }
}
