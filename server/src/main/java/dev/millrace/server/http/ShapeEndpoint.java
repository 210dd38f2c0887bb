package dev.millrace.server.http;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.ShapeHandle;
import dev.millrace.server.auth.AuthUnavailable;
import dev.millrace.server.auth.Authenticator;
import dev.millrace.server.auth.InvalidToken;
import dev.millrace.server.auth.Principal;
import dev.millrace.server.filter.Clause;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.FilterAnalysis;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.filter.RecentlyUsed;
import dev.millrace.server.policy.AccessRefused;
import dev.millrace.server.policy.RowSecurity;
import dev.millrace.server.policy.View;
import dev.millrace.server.policy.WhereQueries;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.DatabaseUser;
import dev.millrace.server.postgres.Table;
import dev.millrace.server.shape.DropCause;
import dev.millrace.server.shape.Reading;
import dev.millrace.server.shape.Shape;
import dev.millrace.server.shape.ShapeDefinition;
import dev.millrace.server.shape.ShapeException;
import dev.millrace.server.shape.Shapes;
import dev.millrace.server.shape.Subset;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** {@code /v1/shape}: takes a request through the steps of protocol section 2. */
final class ShapeEndpoint {

  static final String PATH = "/v1/shape";

  private static final long RECOGNISED_BYTES = 16 << 20;

  private static final String NOT_FOLLOWING = "Timeout waiting for the replication stream";

  private static final long READY_MILLIS = 5_000;
  private static final long START_MILLIS = 45_000;
  private static final int NOT_READY_RETRY_SECONDS = 5;

  private final HttpSettings settings;
  private final Optional<Authenticator> authenticator;
  private final RowSecurity security;
  private final WhereQueries queries;
  private final Shapes shapes;
  private final Health health;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Traffic traffic;
  private final Executor workers;
  private final SharedLookup<RelationName, Optional<Table>> tables;
  private final FilterAnalysis analysis;
  private final Admission initial;
  private final Admission existing;
  private final ShapeErrors errors;

  /** Requests of users whose shapes are known, which is looked up each time otherwise. */
  private final RecentlyUsed<Recognised, Boolean> recognised =
      new RecentlyUsed<>(RECOGNISED_BYTES, (request, is) -> request.bytes());

  /** That a shape is what some request of a user means. */
  private record Recognised(ShapeHandle shape, Reading reading) {

    long bytes() {
      int clause = reading.clause().map(named -> named.where().length()).orElse(0);
      return 300L + clause + reading.user().map(user -> user.claims().length()).orElse(0);
    }
  }

  /**
   * Serves nothing yet.
   *
   * @param authenticator empty if no tokens are believed
   */
  ShapeEndpoint(
      HttpSettings settings,
      Optional<Authenticator> authenticator,
      Shapes shapes,
      Catalog catalog,
      FilterAnalysis analysis,
      RowSecurity security,
      WhereQueries queries,
      Health health,
      InstantSource clock,
      RandomGenerator random,
      Traffic traffic,
      Executor workers) {
    this.settings = settings;
    this.authenticator = authenticator;
    this.security = security;
    this.queries = queries;
    this.shapes = shapes;
    this.health = health;
    this.clock = clock;
    this.random = random;
    this.traffic = traffic;
    this.workers = workers;
    this.tables = new SharedLookup<>(catalog::table, workers);
    this.analysis = analysis;
    this.initial = new Admission("initial", settings.maxInitialRequests());
    this.existing = new Admission("existing", settings.maxExistingRequests());
    this.errors = new ShapeErrors(random);
  }

  HttpSettings settings() {
    return settings;
  }

  Traffic traffic() {
    return traffic;
  }

  ShapeErrors errors() {
    return errors;
  }

  /** How much of the stream {@code shape} shows. */
  Lsn publishedPosition(Shape shape) {
    return new Lsn(shape.seenUpTo(shapes.router().publishedPosition()));
  }

  private String cursor(Map<String, String> query) {
    String previous = query.getOrDefault("cursor", "");
    return Long.toString(
        Cursor.next(previous, clock.instant(), settings.longPollTimeout(), random));
  }

  /** Whether requests of that kind end here; everything else is not found. */
  static boolean accepts(String method) {
    return switch (method) {
      case "GET", "HEAD", "POST", "DELETE", "OPTIONS" -> true;
      default -> false;
    };
  }

  void handle(Exchange exchange, Map<String, String> url) {
    if (exchange.method().equals("OPTIONS")) {
      Cors.preflight(exchange, Cors.SHAPE_METHODS, Cors.SHAPE_HEADERS);
    } else if (exchange.principal().isPresent() || hasSecret(url)) {
      answer(exchange, url);
    } else if (isOfUser(exchange.requestHeaders())) {
      identify(exchange, () -> answer(exchange, url));
    } else if (settings.isOpen()) {
      answer(exchange, url);
    } else if (authenticator.isPresent() && settings.secret().isEmpty()) {
      errors.sendUnauthorized(exchange, InvalidToken.Cause.MISSING);
    } else {
      errors.sendUnauthorized(exchange);
    }
  }

  /** Decides about a request with a body by its head: a user has to be known before. */
  void admit(HttpRequest head, Map<String, String> url, Consumer<Admittance> verdict) {
    if (hasSecret(url) || !isOfUser(head.headers())) {
      verdict.accept(Admittance.FREE);
    } else {
      workers.execute(() -> verdict.accept(admitUser(head.headers())));
    }
  }

  private Admittance admitUser(HttpHeaders headers) {
    try {
      Principal user = BearerToken.sender(headers, authenticator.orElseThrow());
      return new Admittance.Admitted(Optional.of(user), () -> {});
    } catch (InvalidToken e) {
      return new Admittance.Refused(exchange -> errors.sendUnauthorized(exchange, e.cause()));
    } catch (RuntimeException e) {
      return new Admittance.Refused(exchange -> sendUnknown(exchange, e));
    }
  }

  private boolean isOfUser(HttpHeaders headers) {
    return authenticator.isPresent() && headers.contains(HttpHeaderNames.AUTHORIZATION);
  }

  private void identify(Exchange exchange, Runnable then) {
    workers.execute(() -> {
      try {
        Principal user = BearerToken.sender(exchange.requestHeaders(), authenticator.orElseThrow());
        exchange
            .loop()
            .execute(() -> {
              exchange.isFrom(user);
              then.run();
            });
      } catch (InvalidToken e) {
        exchange.loop().execute(() -> errors.sendUnauthorized(exchange, e.cause()));
      } catch (RuntimeException e) {
        exchange.loop().execute(() -> sendUnknown(exchange, e));
      }
    });
  }

  /** It cannot be told who sends it. */
  private void sendUnknown(Exchange exchange, RuntimeException cause) {
    if (cause instanceof AuthUnavailable) {
      errors.sendNobodyLetIn(exchange);
    } else {
      errors.send(exchange, cause);
    }
  }

  /** How long the token of a user still holds, in milliseconds. */
  long millisLeft(Principal user) {
    return authenticator.orElseThrow().validFor(user).toMillis();
  }

  /** Ends an answer whose user's token has ended. */
  void endExpired(Exchange exchange) {
    if (exchange.isBegun()) {
      exchange.finish();
    } else {
      errors.sendUnauthorized(exchange, InvalidToken.Cause.EXPIRED);
    }
  }

  private void answer(Exchange exchange, Map<String, String> url) {
    try {
      Parameters parameters = Parameters.of(url);
      switch (exchange.method()) {
        case "DELETE" -> delete(exchange, parameters);
        case "POST" -> admit(exchange, parameters.with(exchange.body()));
        default -> admit(exchange, parameters);
      }
    } catch (Parameters.MalformedBody e) {
      errors.send(exchange, 400, e.body());
    }
  }

  /** Compares in constant time; {@code secret} wins over its older name. */
  private boolean hasSecret(Map<String, String> query) {
    if (settings.secret().isEmpty()) {
      return false;
    }
    String sent = query.getOrDefault("secret", query.getOrDefault("api_secret", ""));
    return MessageDigest.isEqual(
        sent.getBytes(StandardCharsets.UTF_8),
        settings.secret().get().getBytes(StandardCharsets.UTF_8));
  }

  private void admit(Exchange exchange, Parameters parameters) {
    Map<String, String> query = parameters.query();
    if (ShapeRequest.isLive(query)) {
      exchange.addHeader("electric-cursor", cursor(query));
    }
    boolean isKnown = find(query.getOrDefault("handle", "")).isPresent();
    Admission admission = isKnown ? existing : initial;
    if (!admission.enter()) {
      errors.sendOverloaded(exchange, admission);
      return;
    }
    exchange.whenOver(admission::leave);
    try {
      read(exchange, ShapeRequest.parse(parameters));
    } catch (InvalidRequest e) {
      errors.send(exchange, e);
    }
  }

  private void read(Exchange exchange, ShapeRequest request) {
    Optional<Shape> named =
        request
            .handle()
            .flatMap(this::find)
            .filter(shape -> request.matches(shape.definition()))
            .filter(shape -> isMeant(shape, reading(exchange, request)));
    if (named.isPresent()) {
      serve(exchange, request, named.get());
    } else {
      work(exchange, () -> resolve(exchange, request));
    }
  }

  private static Reading reading(Exchange exchange, ShapeRequest request) {
    return new Reading(request.clause(), exchange.principal().map(Principal::databaseUser));
  }

  private boolean isMeant(Shape shape, Reading reading) {
    return reading.user().isPresent()
        ? recognised.get(new Recognised(shape.handle(), reading)).isPresent()
        : shape.isAskedFor(reading.clause());
  }

  /** From now on such a request is known to mean that shape. */
  private void recognise(Shape shape, Reading reading) {
    if (reading.user().isPresent()) {
      recognised.put(new Recognised(shape.handle(), reading), true);
    } else {
      reading.clause().ifPresent(shape::askedBy);
    }
  }

  private Optional<Shape> find(String handle) {
    try {
      return shapes.find(new ShapeHandle(handle));
    } catch (IllegalArgumentException noHandle) {
      return Optional.empty();
    }
  }

  /** A step that may block; its errors become the answer. */
  @FunctionalInterface
  private interface Work {
    void run() throws InvalidRequest, InterruptedException;
  }

  private void work(Exchange exchange, Work work) {
    workers.execute(() -> {
      try {
        work.run();
      } catch (InvalidRequest e) {
        exchange.loop().execute(() -> errors.send(exchange, e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        exchange.loop().execute(() -> errors.send(exchange, e));
      }
    });
  }

  /** Finds or makes the shape. */
  private void resolve(Exchange exchange, ShapeRequest request)
      throws InvalidRequest, InterruptedException {
    if (!health.awaitReady(READY_MILLIS)) {
      exchange
          .loop()
          .execute(() ->
              errors.sendUnavailable(
                  exchange, NOT_READY_RETRY_SECONDS, ShapeErrors.message(NOT_FOLLOWING)));
      return;
    }
    Wanted wanted = wanted(exchange, request);
    Optional<Shape> named =
        request.handle().flatMap(this::find).filter(shape -> shape.isOf(wanted.definition()));
    if (named.isPresent()) {
      recognise(named.get(), reading(exchange, request));
      exchange.loop().execute(() -> serve(exchange, request, named.get()));
    } else {
      Shape shape = findOrCreate(exchange, request, wanted);
      exchange.loop().execute(() -> found(exchange, request, shape));
    }
  }

  private Shape findOrCreate(Exchange exchange, ShapeRequest request, Wanted wanted)
      throws InterruptedException {
    Reading reading = reading(exchange, request);
    Shape shape = shapes.findOrCreate(wanted.definition(), reading, wanted.check());
    shape.awaitStart(START_MILLIS);
    recognise(shape, reading);
    return shape;
  }

  /** What a request asks for, and whether that still holds when it is made. */
  private record Wanted(ShapeDefinition definition, View.Check check) {}

  private Wanted wanted(Exchange exchange, ShapeRequest request) throws InvalidRequest {
    Optional<Table> table = tables.get(request.table());
    if (table.isEmpty()) {
      throw noSuchTable(request);
    }
    Optional<DatabaseUser> user = exchange.principal().map(Principal::databaseUser);
    View view =
        user.isPresent() ? view(request, table.get(), user.get()) : view(request, table.get());
    ShapeDefinition definition = request.definition(view, analysis::analyse);
    if (user.isPresent() && definition.asked().isPresent()) {
      requireHarmless(definition.asked().get());
    }
    return new Wanted(definition, view.check());
  }

  private void requireHarmless(Filter asked) throws InvalidRequest {
    try {
      security.requireHarmless(asked);
    } catch (InvalidExpression e) {
      throw InvalidRequest.of("where", e.reason());
    }
  }

  /** For those to whom everything is shown. */
  private View view(ShapeRequest request, Table table) throws InvalidRequest {
    Optional<Clause> asking = request.clause().filter(Clause::hasQuery);
    if (asking.isEmpty() || table.obstacle().isPresent()) {
      return View.all(table);
    }
    try {
      return queries.view(table, asking.get());
    } catch (InvalidExpression e) {
      throw InvalidRequest.of("where", e.reason());
    }
  }

  private View view(ShapeRequest request, Table table, DatabaseUser user) throws InvalidRequest {
    View view;
    try {
      view = security.view(table, user);
    } catch (AccessRefused e) {
      if (e.isHidden()) {
        throw noSuchTable(request);
      }
      throw new ShapeException(ShapeException.Kind.FORBIDDEN, e.reason(), e);
    }
    List<Column> key = table.columns().stream().filter(Column::isKey).toList();
    // Without a primary key all columns together tell rows apart.
    List<Column> needed = key.isEmpty() ? table.columns() : key;
    if (!view.readable().columns().containsAll(needed)) {
      throw new ShapeException(
          ShapeException.Kind.FORBIDDEN,
          "What tells the rows of the table apart cannot be read",
          null);
    }
    return view;
  }

  private static InvalidRequest noSuchTable(ShapeRequest request) {
    return InvalidRequest.of(
        "table",
        "Table %s does not exist. If the table name contains capitals or special characters you must quote it."
            .formatted(request.table().quoted()));
  }

  private void found(Exchange exchange, ShapeRequest request, Shape shape) {
    if (request.handle().isPresent()) {
      errors.sendRefetch(exchange, shape);
    } else {
      serve(exchange, request, shape);
    }
  }

  private void serve(Exchange exchange, ShapeRequest request, Shape shape) {
    ShapeAnswer answer = new ShapeAnswer(exchange, request, shape, this);
    answer.step(() -> answerWith(answer));
  }

  private void answerWith(ShapeAnswer answer) {
    ShapeRequest request = answer.request();
    if (request.subset().isPresent()) {
      answerWithSubset(answer, request.subset().get());
    } else if (request.isNow()) {
      new NowAnswer(answer).start();
    } else {
      answerFrom(answer, request.offset().orElseThrow());
    }
  }

  private void answerWithSubset(ShapeAnswer answer, Subset subset) {
    Exchange exchange = answer.exchange();
    work(
        exchange,
        () -> {
          SubsetAnswer rows =
              new SubsetAnswer(
                  answer,
                  shapes.read(
                      answer.shape(), subset, exchange.principal().map(Principal::databaseUser)));
          exchange.loop().execute(() -> answer.step(rows::start));
        });
  }

  private void answerFrom(ShapeAnswer answer, Offset offset) {
    if (offset.equals(Offset.BEFORE_ALL)) {
      new SnapshotAnswer(answer, 0).start();
    } else if (offset.isInSnapshot()) {
      int next = (int) Math.min(offset.op(), Integer.MAX_VALUE - 1) + 1;
      new SnapshotAnswer(answer, next).start();
    } else {
      answerFromLog(answer);
    }
  }

  /** Answers a client that has the whole snapshot. */
  void answerFromLog(ShapeAnswer answer) {
    ShapeRequest request = answer.request();
    boolean isBeyond = request.offset().orElseThrow().isAfter(answer.shape().log().end());
    if (isBeyond) {
      new LongPoll(answer).start(settings.longPollTimeout().dividedBy(2));
    } else if (request.isEventStream()) {
      new EventStream(answer).start();
    } else if (request.isLive()) {
      new LongPoll(answer).start(settings.longPollTimeout());
    } else {
      new LogAnswer(answer).start();
    }
  }

  /** Whether what a live client waits for can come at all. */
  boolean isFollowing() {
    return health.isActive();
  }

  /** Ends a wait in vain while Postgres is away: nobody knows whether the client is up-to-date. */
  void failNotFollowing(Exchange exchange) {
    errors.sendUnavailable(exchange, 10, ShapeErrors.message(NOT_FOLLOWING));
  }

  /**
   * Tells the client to begin anew with the shape that has taken the old one's place, once that can
   * be read: when many shapes go at once, their clients come back no faster than new ones are made.
   */
  void refetch(Exchange exchange, ShapeRequest request) {
    work(
        exchange,
        () -> {
          Shape next = findOrCreate(exchange, request, wanted(exchange, request));
          exchange.loop().execute(() -> errors.sendRefetch(exchange, next));
        });
  }

  /** Ends an answer that has begun, at the time at which {@link #refetch} would be sent. */
  void finishForRefetch(Exchange exchange, ShapeRequest request) {
    workers.execute(() -> {
      try {
        findOrCreate(exchange, request, wanted(exchange, request));
      } catch (InvalidRequest | RuntimeException e) {
        // The client hears it when it asks again.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      exchange.loop().execute(exchange::finish);
    });
  }

  /** Drops a shape, named by its handle, its definition or both (protocol section 10.4). */
  private void delete(Exchange exchange, Parameters parameters) {
    if (!settings.isDeletionEnabled() || exchange.principal().isPresent()) {
      errors.send(exchange, 405, ShapeErrors.message("DELETE not allowed"));
      return;
    }
    work(
        exchange,
        () -> {
          Optional<Shape> shape = toDelete(exchange, parameters);
          shape.ifPresent(found -> shapes.drop(found, DropCause.REQUEST, "a client asked for it"));
          exchange.loop().execute(() -> sendDeleted(exchange, shape.isPresent()));
        });
  }

  private Optional<Shape> toDelete(Exchange exchange, Parameters parameters) throws InvalidRequest {
    Optional<String> handle =
        Optional.ofNullable(parameters.query().get("handle")).filter(text -> !text.isEmpty());
    boolean hasDefinition = !parameters.query().getOrDefault("table", "").isEmpty();
    if (handle.isEmpty() && !hasDefinition) {
      throw InvalidRequest.of("handle", "can't be blank when shape definition is missing");
    }
    if (!hasDefinition) {
      return handle.flatMap(this::find);
    }
    ShapeRequest request = ShapeRequest.parseDefinition(parameters);
    ShapeDefinition definition = wanted(exchange, request).definition();
    Optional<Shape> defined = shapes.find(definition);
    if (handle.isEmpty()) {
      return defined;
    }
    Optional<Shape> named = handle.flatMap(this::find);
    if (named.isPresent() && !named.get().definition().equals(definition)) {
      throw InvalidRequest.withMessage(
          "The specified shape definition and handle do not match. Please ensure the shape"
              + " definition is correct or omit the shape handle from the request to obtain a new"
              + " one.");
    }
    return named;
  }

  private void sendDeleted(Exchange exchange, boolean isFound) {
    if (isFound) {
      var headers = Cors.headers(exchange, Cors.SHAPE_METHODS);
      headers.set("cache-control", CacheControl.NO_CACHE);
      exchange.send(202, headers, "");
    } else {
      errors.send(exchange, 404, ShapeErrors.message("No existing shape found"));
    }
  }
}
