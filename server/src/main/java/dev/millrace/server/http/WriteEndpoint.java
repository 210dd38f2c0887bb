package dev.millrace.server.http;

import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.ReceivedBatch;
import dev.millrace.protocol.WriteAnswer;
import dev.millrace.protocol.WriteBatch;
import dev.millrace.protocol.WriteResult;
import dev.millrace.server.auth.AuthUnavailable;
import dev.millrace.server.auth.Authenticator;
import dev.millrace.server.auth.InvalidToken;
import dev.millrace.server.auth.Principal;
import dev.millrace.server.write.WriteException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/writes/batch}: who sends it, how large it is and whether there is room are
 * looked at by its head; then the body is read, unpacked and applied on a virtual thread.
 */
final class WriteEndpoint {

  static final String PATH = "/api/writes/batch";

  private static final Logger log = LoggerFactory.getLogger(WriteEndpoint.class);

  /** One line for each batch: who, how much, what came of it; nothing of what was in it. */
  private static final Logger audit = LoggerFactory.getLogger("millrace.audit");

  private static final int MAX_DEPTH = 64;
  private static final int VALUES_PER_CHANGE = 500;

  /** What a byte of JSON takes in memory while it is applied, at the worst. */
  private static final int MEMORY_FACTOR = 8;

  /** Batches that are being applied take this share of the memory, or one does. */
  private static final int MEMORY_SHARE = 4;

  private static final int UNIT = 1 << 10;
  private static final long LONGEST_WAIT_SECONDS = 10;
  private static final int RETRY_SECONDS = 1;

  private final WriteLimits limits;
  private final Optional<HttpServer.Writes> parts;
  private final WriteCounts counts;
  private final RandomGenerator random;
  private final Executor workers;
  private final WriteAdmission admission;
  private final JsonLimits json;

  /** In units; fair, so that a large batch has its turn. */
  private final Semaphore memory;

  /**
   * Takes nothing in yet.
   *
   * @param parts empty if the server takes no writes
   */
  WriteEndpoint(
      WriteLimits limits,
      Optional<HttpServer.Writes> parts,
      WriteCounts counts,
      RandomGenerator random,
      Executor workers) {
    this.limits = limits;
    this.parts = parts;
    this.counts = counts;
    this.random = random;
    this.workers = workers;
    this.admission = new WriteAdmission(limits);
    this.json = new JsonLimits(MAX_DEPTH, Math.max(100_000, VALUES_PER_CHANGE * limits.changes()));
    long share = Runtime.getRuntime().maxMemory() / MEMORY_SHARE / UNIT;
    this.memory = new Semaphore(Math.clamp(share, units(limits.bytes()), 1 << 30), true);
  }

  private static int units(int bytes) {
    return (int) ((long) bytes * MEMORY_FACTOR / UNIT) + 1;
  }

  /** Decides by the head; asks for nothing that a preflight request cannot have. */
  void admit(HttpRequest head, Consumer<Admittance> verdict) {
    if (parts.isEmpty()) {
      verdict.accept(refused(WriteRefusal.disabled()));
      return;
    }
    workers.execute(() -> verdict.accept(judge(head, parts.get().authenticator())));
  }

  private Admittance judge(HttpRequest head, Authenticator authenticator) {
    Principal principal;
    try {
      principal = BearerToken.sender(head.headers(), authenticator);
    } catch (InvalidToken e) {
      return refused(WriteRefusal.of(e.cause()));
    } catch (AuthUnavailable e) {
      log.debug("a write is put off: {}", e.getMessage());
      return refused(
          WriteRefusal.unavailable(
              "authentication_unavailable", "Nobody can be let in at the moment.", soon() + 4));
    } catch (RuntimeException e) {
      log.error("a token could not be judged", e);
      return refused(WriteRefusal.internal());
    }
    if (!isJson(head.headers())) {
      return refused(WriteRefusal.wrongType());
    }
    if (WriteBody.Packing.of(head.headers()).isEmpty()) {
      return refused(WriteRefusal.wrongEncoding());
    }
    if (HttpUtil.getContentLength(head, 0L) > limits.bytes()) {
      return refused(WriteRefusal.tooLarge(limits.bytes()));
    }
    return enter(principal);
  }

  private static boolean isJson(HttpHeaders headers) {
    String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "application/json");
    return type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/json");
  }

  private Admittance enter(Principal principal) {
    String user = principal.subject();
    return switch (admission.enter(user)) {
      case ADMITTED -> new Admittance.Admitted(Optional.of(principal), () -> admission.leave(user));
      case TOO_MANY_OF_USER ->
          refused(WriteRefusal.tooManyOfUser(limits.batchesPerUser(), RETRY_SECONDS));
      case TOO_MANY -> refused(WriteRefusal.overloaded(soon()));
    };
  }

  /** Spread, so that those who were sent away do not all come back at once. */
  private int soon() {
    return RETRY_SECONDS + random.nextInt(5);
  }

  private Admittance refused(WriteRefusal refusal) {
    counts.refused(refusal.code());
    return new Admittance.Refused(refusal);
  }

  /** Answers a request that was admitted. */
  void handle(Exchange exchange) {
    if (exchange.method().equals("OPTIONS")) {
      Cors.preflight(exchange, Cors.WRITE_METHODS, Cors.WRITE_HEADERS);
    } else if (!exchange.method().equals("POST")) {
      WriteRefusal.wrongMethod().send(exchange);
    } else {
      workers.execute(() -> {
        Reply reply = reply(exchange);
        if (reply instanceof WriteRefusal refusal) {
          counts.refused(refusal.code());
        }
        exchange.loop().execute(() -> reply.send(exchange));
      });
    }
  }

  private Reply reply(Exchange exchange) {
    Principal principal = exchange.principal().orElseThrow();
    Authenticator authenticator = parts.orElseThrow().authenticator();
    if (!authenticator.isValid(principal)) {
      return WriteRefusal.of(InvalidToken.Cause.EXPIRED);
    }
    counts.began();
    try {
      return apply(principal, exchange);
    } catch (InvalidJson e) {
      return WriteRefusal.invalid(e);
    } catch (IOException e) {
      return WriteRefusal.notUnpacked();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return WriteRefusal.overloaded(soon());
    } catch (WriteException e) {
      log.debug("a batch is put off, request {}", exchange.requestId(), e);
      return WriteRefusal.of(e, random.nextInt(3));
    } catch (RuntimeException e) {
      log.error("a batch failed, request {}", exchange.requestId(), e);
      return WriteRefusal.internal();
    } finally {
      counts.ended();
    }
  }

  private Reply apply(Principal principal, Exchange exchange)
      throws IOException, InvalidJson, InterruptedException {
    WriteBody body =
        new WriteBody(
            WriteBody.Packing.of(exchange.requestHeaders()).orElseThrow(), exchange.body());
    int size = body.size(limits.bytes());
    if (size > limits.bytes()) {
      return WriteRefusal.tooLarge(limits.bytes());
    }
    int units = units(size);
    if (!memory.tryAcquire(units, LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
      return WriteRefusal.overloaded(soon());
    }
    try {
      return apply(principal, body.json(size, json), exchange.requestId());
    } finally {
      memory.release(units);
    }
  }

  private Reply apply(Principal principal, Json document, String requestId) throws InvalidJson {
    long begin = System.nanoTime();
    ReceivedBatch received = ReceivedBatch.read(document, limits.changes());
    WriteBatch batch = received.batch();
    int version = batch.schemaVersion().orElse(0);
    if (version < limits.versions().oldest()) {
      return WriteRefusal.schemaTooOld(limits.versions());
    }
    if (version > limits.versions().newest()) {
      return WriteRefusal.schemaTooNew(limits.versions());
    }
    WriteAnswer applied = parts.orElseThrow().gateway().apply(principal, batch);
    WriteAnswer answer = received.complete(applied);
    long took = System.nanoTime() - begin;
    counts.answered(answer, took);
    record(principal, batch, answer, took, requestId);
    String body = answer.toText();
    return exchange -> sendAnswer(exchange, body);
  }

  private static void record(
      Principal principal, WriteBatch batch, WriteAnswer answer, long nanos, String requestId) {
    long applied = answer.results().stream().filter(r -> r.status().isInDatabase()).count();
    audit
        .atInfo()
        .addKeyValue("subject", printable(principal.subject()))
        .addKeyValue("role", principal.role())
        .addKeyValue("client", printable(batch.clientId().orElse("")))
        .addKeyValue("changes", answer.results().size())
        .addKeyValue("applied", applied)
        .addKeyValue("failed", answer.results().size() - applied)
        .addKeyValue("txid", lastTransaction(answer))
        .addKeyValue("ms", TimeUnit.NANOSECONDS.toMillis(nanos))
        .addKeyValue("request", requestId)
        .log("write batch");
  }

  /** So that nobody writes lines or fields of their own into the log. */
  private static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}\"]", "?");
  }

  private static String lastTransaction(WriteAnswer answer) {
    return answer.results().reversed().stream()
        .filter(result -> result.status() != WriteResult.Status.DUPLICATE)
        .flatMap(result -> result.txid().stream())
        .findFirst()
        .orElse("");
  }

  private static void sendAnswer(Exchange exchange, String body) {
    HttpHeaders headers = Cors.headers(exchange, Cors.WRITE_METHODS);
    headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    headers.set(HttpHeaderNames.CACHE_CONTROL, CacheControl.ERROR);
    exchange.send(200, headers, body);
  }
}
