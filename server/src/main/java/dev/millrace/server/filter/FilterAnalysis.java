package dev.millrace.server.filter;

import dev.millrace.server.filter.CanonicalTemplate.Reading;
import dev.millrace.server.filter.Lifted.Constant;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.Database.Work;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.Table;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Has Postgres read the conditions that requests bring, and print them in canonical form. Any
 * thread; blocks.
 *
 * <p>Postgres reads a condition as a part of a table's definition ({@link Trial}). That writes to
 * its catalogue, though it is rolled back, and so happens once for all conditions that differ in
 * their constants only ({@link Lifted}): what was learned is kept as a {@link CanonicalTemplate},
 * and filled with other constants. A condition for which that cannot be done is kept as it stands.
 */
public final class FilterAnalysis {

  /** Of templates, and again of conditions as they stand. */
  private static final long MOST_KEPT_BYTES = 16 << 20;

  /** Connections in use at a time. */
  private static final int MOST_AT_ONCE = 4;

  private final Database database;
  private final Semaphore turns = new Semaphore(MOST_AT_ONCE, true);

  /** Empty where a template does not serve. */
  private final RecentlyUsed<Key, Optional<CanonicalTemplate>> templates =
      new RecentlyUsed<>(MOST_KEPT_BYTES, FilterAnalysis::bytes);

  private final RecentlyUsed<Key, Filter> filters =
      new RecentlyUsed<>(MOST_KEPT_BYTES, FilterAnalysis::bytes);

  private final LongAdder analyses = new LongAdder();
  private final Map<Key, CompletableFuture<Answer>> underWay = new ConcurrentHashMap<>();

  /**
   * What a text depends on.
   *
   * @param columns those that it may name
   * @param text a condition or its template
   */
  private record Key(int oid, List<Column.Identity> columns, String text) {

    private long bytes() {
      return 200L + 100L * columns.size() + text.length();
    }
  }

  /** What became of one of the conditions with the same template. */
  private record Answer(List<Constant> constants, Attempt<Filter> attempt) {

    private Filter filter() throws InvalidExpression {
      return attempt.get();
    }
  }

  public FilterAnalysis(Database database) {
    this.database = database;
  }

  /** How often Postgres has had to read a condition. */
  public long analyses() {
    return analyses.sum();
  }

  private static long bytes(Key key, Optional<CanonicalTemplate> template) {
    long pieces = template.map(kept -> kept.gaps().size()).orElse(0);
    int characters =
        template.stream().flatMap(kept -> kept.text().stream()).mapToInt(String::length).sum();
    return key.bytes() + 100 * pieces + characters;
  }

  private static long bytes(Key key, Filter filter) {
    return key.bytes() + filter.canonical().length();
  }

  /**
   * The filter that {@code where} means on {@code table}.
   *
   * @param parameters values of {@code $1} and so on; more than it uses do no harm
   * @throws InvalidExpression for the client, with the place in {@code where}
   * @throws DatabaseException if Postgres cannot be asked
   */
  public Filter analyse(Table table, String where, Map<Integer, String> parameters)
      throws InvalidExpression {
    return analyse(Condition.of(table, where, parameters));
  }

  /**
   * The filter that a condition of the catalogue means on {@code table}.
   *
   * @param condition in Postgres' own words, where names may have schemas
   * @throws InvalidExpression if it is more than a condition on one row, or depends on other things
   * @throws DatabaseException if Postgres cannot be asked
   */
  public Filter analysePrinted(Table table, String condition) throws InvalidExpression {
    return analyse(Condition.ofPrinted(table, condition));
  }

  /**
   * What {@code where} means on {@code table}, where it asks other tables: Postgres has only read
   * it, and each part is still to be analysed.
   *
   * @throws InvalidExpression for the client, with the place in {@code where}
   * @throws DatabaseException if Postgres cannot be asked
   */
  public QueryingCondition printed(Table table, Clause where) throws InvalidExpression {
    Condition condition = Condition.withQueries(table, where.where(), where.parameters());
    Work<Attempt<QueryingCondition>> work =
        connection -> Attempt.at(() -> Analysis.withQueries(connection, condition));
    analyses.increment();
    return inTurn(() -> database.rehearse("analysing a where clause", work)).get();
  }

  private Filter analyse(Condition condition) throws InvalidExpression {
    while (true) {
      Optional<Filter> known = known(condition);
      if (known.isPresent()) {
        return known.get();
      }
      CompletableFuture<Answer> mine = new CompletableFuture<>();
      Key key = sharedKey(condition);
      CompletableFuture<Answer> first = underWay.putIfAbsent(key, mine);
      if (first == null) {
        return answer(key, condition, mine).filter();
      }
      Answer answer = join(first);
      if (answer.constants().equals(condition.lifted().constants())) {
        return answer.filter();
      }
    }
  }

  private static Key key(Condition condition, String text) {
    List<Column.Identity> columns = condition.columns().stream().map(Column::identity).toList();
    return new Key(condition.table().oid(), columns, text);
  }

  private static Key templateKey(Condition condition) {
    return key(condition, condition.lifted().template());
  }

  /** Conditions with one template wait for each other, unless it is known not to serve. */
  private Key sharedKey(Condition condition) throws InvalidExpression {
    Key key = templateKey(condition);
    return templates.get(key).isPresent() ? key(condition, condition.text()) : key;
  }

  private Optional<Filter> known(Condition condition) throws InvalidExpression {
    Optional<Optional<CanonicalTemplate>> template = templates.get(templateKey(condition));
    if (template.isPresent() && template.get().isPresent()) {
      CanonicalTemplate served = template.get().get();
      return Optional.of(fill(served, condition, values(served, condition)));
    }
    return template.isPresent() ? filters.get(key(condition, condition.text())) : Optional.empty();
  }

  private static Answer join(CompletableFuture<Answer> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Finds out for all who wait for {@code answer}. */
  private Answer answer(Key key, Condition condition, CompletableFuture<Answer> answer) {
    try {
      Answer found = new Answer(condition.lifted().constants(), attempt(condition));
      answer.complete(found);
      return found;
    } catch (RuntimeException e) {
      answer.completeExceptionally(e);
      throw e;
    } finally {
      underWay.remove(key);
      answer.completeExceptionally(new IllegalStateException("the analysis broke off"));
    }
  }

  private Attempt<Filter> attempt(Condition condition) {
    try {
      // Somebody may have found out just before it was our turn.
      Optional<Filter> known = known(condition);
      return new Attempt.Success<>(known.isPresent() ? known.get() : learn(condition));
    } catch (InvalidExpression e) {
      return new Attempt.Refusal<>(e);
    }
  }

  /** Has Postgres read the condition, and keeps what can be used again. */
  private Filter learn(Condition condition) throws InvalidExpression {
    Analysis.Result result = analysis(condition);
    Filter filter = result.filter();
    if (result.template().isPresent()) {
      CanonicalTemplate template = result.template().get();
      Map<Reading, String> values = values(template, condition);
      if (fill(template, condition, values).equals(filter)) {
        if (areDistinct(values)) {
          templates.put(templateKey(condition), result.template());
        }
        return filter;
      }
    }
    PresentTime.refuseUnlessKept(condition.strings().toList(), filter.canonical());
    templates.put(templateKey(condition), Optional.empty());
    filters.put(key(condition, condition.text()), filter);
    return filter;
  }

  /**
   * Whether the constants show which gap is whose. If two are the same to Postgres, such as {@code
   * 1} and {@code 01}, the next condition may show it.
   */
  private static boolean areDistinct(Map<Reading, String> values) {
    Set<List<String>> seen = new HashSet<>();
    return values.entrySet().stream()
        .allMatch(value -> seen.add(List.of(value.getKey().type(), value.getValue())));
  }

  private Analysis.Result analysis(Condition condition) throws InvalidExpression {
    Work<Attempt<Analysis.Result>> work =
        connection -> Attempt.at(() -> Analysis.of(connection, condition));
    analyses.increment();
    return inTurn(() -> database.rehearse("analysing a where clause", work)).get();
  }

  private <T> T inTurn(Supplier<T> work) {
    turns.acquireUninterruptibly();
    try {
      return work.get();
    } finally {
      turns.release();
    }
  }

  private static Filter fill(
      CanonicalTemplate template, Condition condition, Map<Reading, String> values)
      throws InvalidExpression {
    return Filter.of(template.print(condition.lifted().constants(), values));
  }

  /** What Postgres makes of the constants of {@code condition}. */
  private Map<Reading, String> values(CanonicalTemplate template, Condition condition)
      throws InvalidExpression {
    List<Constant> constants = condition.lifted().constants();
    List<Reading> readings = template.readings(constants);
    Map<Reading, String> values = ConstantReader.natively(readings);
    List<Reading> rest = readings.stream().filter(one -> !values.containsKey(one)).toList();
    if (!rest.isEmpty()) {
      Work<Attempt<Map<Reading, String>>> work =
          connection -> Attempt.at(() -> ConstantReader.ask(connection, rest, constants));
      values.putAll(inTurn(() -> database.with("reading constants", work)).get());
    }
    if (template.readsDates()) {
      PresentTime.refuse(condition.strings());
    }
    for (Map.Entry<Reading, String> value : values.entrySet()) {
      Reading reading = value.getKey();
      Constant constant = constants.get(reading.constant());
      PresentTime.refuseIfRead(constant, reading.type(), value.getValue());
    }
    return values;
  }
}
