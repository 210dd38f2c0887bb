package dev.millrace.server.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.Offset;
import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.ShapeHandle;
import dev.millrace.server.filter.CompiledFilters;
import dev.millrace.server.filter.DelegatedQuery;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Column.Generation;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Relation;
import dev.millrace.server.postgres.Tuples;
import dev.millrace.server.shape.ShapeDefinition.LogMode;
import dev.millrace.server.shape.ShapeDefinition.Replica;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeRouterTest {

  private static final int INT4 = 23;
  private static final int TEXT = 25;
  private static final int TABLE = 1000;
  private static final RelationName NAME = new RelationName("public", "t");
  private static final Column ID =
      new Column("id", 1, "int4", INT4, 0, -1, true, Generation.NONE, 0);
  private static final Column A =
      new Column("a", 2, "text", TEXT, 0, -1, false, Generation.NONE, -1);

  private static final Column N =
      new Column("n", 3, "int4", INT4, 0, -1, false, Generation.NONE, -1);

  @TempDir private Path folder;

  private Journal journal;
  private ChunkSealer sealer;
  private Delegation delegation;
  private ChangeRouter router;
  private final List<String> dropped = new ArrayList<>();
  private final BlockingQueue<Thread> evaluators = new LinkedBlockingQueue<>();
  private CountDownLatch isAnswered = new CountDownLatch(0);
  private int shapes;

  /** LSN and xid of the transaction before. */
  private long last;

  private Map<Integer, Set<Integer>> partitions = Map.of();

  @BeforeEach
  void open() {
    journal = Journal.open(folder.resolve("journal"));
    journal.recover((shape, batch) -> {});
    sealer = new ChunkSealer();
    delegation = new Delegation(folder.resolve("undecided"), this::evaluate);
    router = new ChangeRouter(journal, this::drop, roots -> partitions, delegation);
  }

  @AfterEach
  void close() {
    delegation.close();
    sealer.close();
    journal.close();
  }

  /** Every row is in. */
  private boolean[] evaluate(DelegatedQuery query, List<List<@Nullable String>> rows)
      throws InterruptedException {
    boolean[] all = new boolean[rows.size()];
    Arrays.fill(all, true);
    evaluators.add(Thread.currentThread());
    isAnswered.await();
    return all;
  }

  private void drop(Shape shape, String reason) {
    dropped.add(shape.handle().text() + ": " + reason);
    shape.drop();
    router.unregister(shape);
  }

  private Shape shape(Replica replica, Column... columns) {
    return shape(replica, false, columns);
  }

  private Shape shape(Replica replica, boolean isPartitioned, Column... columns) {
    Shape shape = undecided(replica, isPartitioned, columns);
    assertThat(router.decide(shape, new PgSnapshot(last + 1, last + 1, List.of(), last + 1)))
        .isTrue();
    return shape;
  }

  private Shape undecided(Column... columns) {
    return undecided(Replica.DEFAULT, false, columns);
  }

  private Shape undecided(Replica replica, boolean isPartitioned, Column... columns) {
    Shape shape = shapeOf(replica, isPartitioned, Optional.empty(), columns);
    router.register(shape);
    return shape;
  }

  private Shape shapeOf(
      Replica replica, boolean isPartitioned, Optional<Filter> filter, Column... columns) {
    int number = ++shapes;
    Path own = folder.resolve(Integer.toString(number));
    return new Shape(
        number,
        new ShapeHandle(number + "-1"),
        new ShapeDefinition(
            new Projection(
                TABLE,
                NAME,
                isPartitioned,
                List.of(columns),
                List.of(ID),
                filter.isPresent() ? List.of(N) : List.of(),
                false,
                replica,
                LogMode.FULL,
                Optional.empty()),
            filter),
        own,
        Snapshot.begin(own.resolve("snapshot")),
        new ShapeLog(
            number,
            new ShapeLog.LogContext(journal, new HotMessages(1 << 20), sealer, 1 << 20),
            own.resolve("log")));
  }

  private static Relation relation(Column... columns) {
    return relation(TABLE, columns);
  }

  private static Relation relation(int oid, Column... columns) {
    List<Relation.Attribute> attributes = new ArrayList<>();
    for (Column column : columns) {
      attributes.add(
          new Relation.Attribute(column.name(), column.typeOid(), column.modifier(), true));
    }
    return new Relation(
        oid, oid == TABLE ? NAME : new RelationName("public", "p" + oid), attributes);
  }

  private void transaction(long lsn, Runnable changes) {
    last = lsn;
    router.begin(lsn, (int) lsn);
    changes.run();
    router.commit(lsn + 1);
    router.pause();
  }

  private static String log(Shape shape) {
    LogSlice.Place place = shape.log().read(Offset.SNAPSHOT_END).place();
    ByteBuffer bytes = ByteBuffer.allocate((int) place.length());
    if (place instanceof LogSlice.Place.Tail tail) {
      tail.read(bytes);
    }
    return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
  }

  // Protocol 2-6.
  @Test
  void whoWaitsForAShapeIsToldInTimeThatItHasNotBegun() {
    Shape shape = shape(Replica.DEFAULT, ID);

    assertThatThrownBy(() -> shape.awaitStart(10))
        .isInstanceOfSatisfying(
            ShapeException.class,
            e -> assertThat(e.kind()).isEqualTo(ShapeException.Kind.TRY_LATER))
        .hasMessage("Snapshot query took too long to start reading from the database");
  }

  // Protocol 10.2-7.
  @Test
  void aShapeThatCannotTakeAChangeIsDroppedAndTheOthersGoOn() {
    Shape before = shape(Replica.DEFAULT, ID);
    Shape bad = shape(Replica.DEFAULT, ID, A);
    Shape after = shape(Replica.FULL, ID);

    transaction(
        10,
        () -> {
          router.relation(relation(ID, A));
          router.insert(TABLE, Tuples.of("1", "one"));
          // A row without the column that the stream has promised.
          router.insert(TABLE, Tuples.of("2"));
          router.insert(TABLE, Tuples.of("3", "three"));
        });

    assertThat(dropped).singleElement().asString().startsWith(bad.handle().text());
    assertThat(log(before)).contains("\"1\"", "\"2\"", "\"3\"");
    assertThat(log(after)).contains("\"1\"", "\"2\"", "\"3\"");
  }

  /** A fault of ours, by which the stream must not break off again and again. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFilterThatCannotReadAValueEndsItsOwnShapeOnly(boolean isIndexed) {
    Shape all = shape(Replica.DEFAULT, ID);
    Shape filtered = shapeOf(Replica.DEFAULT, false, Optional.of(new Filter("(n > 5)")), ID);
    filtered.prepareFilter(
        (filter, table) -> CompiledFilters.largerThan(filter, table, N.number() - 1, 5, isIndexed));
    router.register(filtered);
    router.decide(filtered, new PgSnapshot(1, 1, List.of(), 1));

    transaction(
        10,
        () -> {
          router.relation(relation(ID, N));
          router.insert(TABLE, Tuples.of("1", "6"));
          router.insert(TABLE, Tuples.of("2", "4"));
        });
    assertThat(dropped).isEmpty();
    assertThat(log(filtered)).contains("\"1\"").doesNotContain("\"2\"");
    transaction(20, () -> router.update(TABLE, Tuples.of("1", "6"), true, Tuples.of("1", "six")));
    transaction(30, () -> router.insert(TABLE, Tuples.of("3", "7")));

    assertThat(dropped).singleElement().asString().startsWith(filtered.handle().text());
    assertThat(log(all)).contains("\"1\"", "\"2\"", "\"3\"");
  }

  private Shape delegatedShape() {
    Shape shape = shapeOf(Replica.DEFAULT, false, Optional.of(new Filter("public.f(n)")), ID);
    shape.prepareFilter((filter, table) -> CompiledFilters.delegated(filter));
    router.register(shape);
    router.decide(shape, new PgSnapshot(1, 1, List.of(), 1));
    return shape;
  }

  // Protocol 5.4-1. After a restart Postgres begins where something was undecided for another
  // shape.
  @Test
  void whatWasShownIsNotTakenBackWhileTheStreamRepeatsWhatWasNot() throws Exception {
    Shape shape = delegatedShape();
    beginWithRow(10, "one");
    router.commit(11);
    evaluators.take().join();

    Undecided restored = delegation.follow(shape, List.of("public.f(n)"));
    restored.repeatFrom(5);

    assertThat(restored.seenUpTo(11)).isEqualTo(10);
  }

  /** While a transaction waits to be shown with those that come, the stream breaks off in one. */
  @Test
  void whatIsDecidedDoesNotShowHalfATransactionToOthers() throws Exception {
    Shape all = shape(Replica.DEFAULT, ID);
    delegatedShape();
    isAnswered = new CountDownLatch(1);

    int lsn = 0;
    do {
      lsn += 10;
      beginWithRow(lsn, "whole");
      router.commit(lsn + 1);
    } while (router.publishedPosition() == lsn + 1);
    beginWithRow(lsn + 10, "half");
    router.release();
    isAnswered.countDown();
    evaluators.take().join();

    assertThat(log(all)).doesNotContain("half");
  }

  private void beginWithRow(int lsn, String id) {
    router.begin(lsn, lsn);
    router.relation(relation(ID, N));
    router.insert(TABLE, Tuples.of(id, "1"));
  }

  /** Who decides has nothing to do between the parts of a large transaction. */
  @Test
  void aTransactionDecidedInPartsIsShownWhole() throws Exception {
    Shape shape = delegatedShape();

    router.begin(10, 10);
    router.relation(relation(ID, N));
    for (int id = 1; id <= 501; id++) {
      router.insert(TABLE, Tuples.of(Integer.toString(id), "1"));
    }
    evaluators.take().join();
    router.insert(TABLE, Tuples.of("502", "1"));
    router.commit(11);
    evaluators.take().join();

    assertThat(log(shape)).contains("\"1\"", "\"500\"", "\"501\"", "\"502\"");
  }

  @Test
  void aFailingShapeIsDroppedByUpdateAndDeleteAlike() {
    Shape good = shape(Replica.DEFAULT, ID);
    shape(Replica.FULL, ID, A);
    shape(Replica.FULL, A, ID);

    transaction(
        10,
        () -> {
          router.relation(relation(ID, A));
          router.update(TABLE, Tuples.of("1", "x"), true, Tuples.of("2", Tuples.UNCHANGED));
        });
    assertThat(dropped).isEmpty();
    transaction(20, () -> router.update(TABLE, null, false, Tuples.of("2", Tuples.UNCHANGED)));
    shape(Replica.FULL, A, ID);
    transaction(30, () -> router.delete(TABLE, Tuples.of("2"), true));

    assertThat(dropped).hasSize(3);
    assertThat(log(good)).contains("key_change_to", "\"delete\"");
  }

  @Test
  void whatTheSnapshotHasSeenDoesNotEndTheShape() {
    Shape late = undecided(ID, A);
    Shape early = undecided(ID, A);

    transaction(
        10,
        () -> {
          router.relation(relation(ID));
          router.insert(TABLE, Tuples.of("1"));
          router.truncate(new int[] {TABLE});
        });
    router.decide(late, new PgSnapshot(11, 11, List.of(), 15));
    router.decide(early, new PgSnapshot(10, 10, List.of(), 5));
    transaction(
        20,
        () -> {
          router.relation(relation(A, ID));
          router.insert(TABLE, Tuples.of("two", "2"));
        });

    assertThat(dropped).singleElement().asString().startsWith(early.handle().text());
    assertThat(log(late)).contains("\"a\":\"two\"").doesNotContain("\"1\"");
  }

  // Protocol 10.2-6.
  @Test
  void aDeleteThatDoesNotTellTheKeyDropsTheShape() {
    Shape shape = shape(Replica.DEFAULT, ID, A);
    var id = new Relation.Attribute("id", INT4, -1, false);
    var a = new Relation.Attribute("a", TEXT, -1, true);

    transaction(
        10,
        () -> {
          router.relation(new Relation(TABLE, NAME, List.of(id, a)));
          router.insert(TABLE, Tuples.of("1", "one"));
          router.update(TABLE, Tuples.of("1", "one"), true, Tuples.of("1", "uno"));
        });
    assertThat(dropped).isEmpty();
    transaction(20, () -> router.delete(TABLE, Tuples.of(null, "uno"), false));

    assertThat(dropped).singleElement().asString().startsWith(shape.handle().text());
  }

  @Test
  void aPrimaryKeyInTheOldRowIsEnoughForAUsualShapeAndNotForAFullOne() {
    Shape usual = shape(Replica.DEFAULT, ID, A);
    Shape full = shape(Replica.FULL, ID, A);
    var id = new Relation.Attribute("id", INT4, -1, true);
    var a = new Relation.Attribute("a", TEXT, -1, false);

    transaction(
        10,
        () -> {
          router.relation(new Relation(TABLE, NAME, List.of(id, a)));
          router.delete(TABLE, Tuples.of("1", null), false);
        });

    assertThat(dropped).singleElement().asString().startsWith(full.handle().text());
    assertThat(log(usual)).contains("\"operation\":\"delete\"");
  }

  @Test
  void aPartitionsChangesGoToTheShapesOfItsAncestors() {
    Shape root = shape(Replica.DEFAULT, true, ID, A);
    var id = new Relation.Attribute("id", INT4, -1, true);
    var a = new Relation.Attribute("a", TEXT, -1, true);
    Relation partition = new Relation(7, new RelationName("public", "p"), List.of(a, id));

    partitions = Map.of(7, Set.of(TABLE, 99));
    transaction(
        10,
        () -> {
          router.relation(partition);
          router.insert(7, Tuples.of("one", "1"));
        });
    Shape second = shape(Replica.DEFAULT, true, ID, A);
    transaction(20, () -> router.insert(7, Tuples.of("two", "2")));
    // Detached: the stream describes it anew before its next change.
    partitions = Map.of();
    transaction(
        30,
        () -> {
          router.relation(partition);
          router.insert(7, Tuples.of("three", "3"));
        });

    assertThat(log(root))
        .contains("\"public\\\".\\\"t\\\"/\\\"1\\\"", "\"relation\":[\"public\",\"t\"]")
        .contains("\"id\":\"2\",\"a\":\"two\"")
        .doesNotContain("three");
    assertThat(log(second)).contains("two").doesNotContain("one", "three");
  }

  @Test
  void aPartitionIsKnownThatWasDescribedBeforeTheRootHadAShape() {
    partitions = Map.of(7, Set.of(TABLE));
    transaction(10, () -> router.relation(relation(7, ID)));
    Shape root = shape(Replica.DEFAULT, true, ID);

    transaction(20, () -> router.insert(7, Tuples.of("1")));
    assertThat(log(root)).contains("\"id\":\"1\"");
    transaction(30, () -> router.truncate(new int[] {7}));

    assertThat(dropped).containsExactly(root.handle().text() + ": its table was truncated");
  }
}
