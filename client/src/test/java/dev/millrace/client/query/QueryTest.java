package dev.millrace.client.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Durability;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.LocalChange;
import dev.millrace.client.store.Overlay;
import dev.millrace.client.store.Row;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.SyncedTable;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.ShapeMessageReader;
import dev.millrace.protocol.WriteChange.Op;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions about synced rows 1 to 6, of which 2 was changed, 3 deleted and 7 added locally. */
class QueryTest {

  private static final Entity WORKS =
      Entity.of("works")
          .key("id", Scalar.INT4)
          .column("title", Scalar.TEXT)
          .column("year", Scalar.INT4)
          .column("price", Scalar.NUMERIC)
          .index("year")
          .index("price")
          .build();
  private static final Column<String> TITLE = Column.of(WORKS, "title", String.class);
  private static final Column<Integer> YEAR = Column.of(WORKS, "year", Integer.class);
  private static final Column<BigDecimal> PRICE = Column.of(WORKS, "price", BigDecimal.class);

  @TempDir private Path folder;
  private Store store;

  @BeforeEach
  void open() throws InvalidJson {
    store = Store.open(new JdbcSqlite(), folder.resolve("works.db"), List.of(WORKS));
    String rows =
        String.join(
            ",",
            row(1, "\"Iliad\"", "null", "\"9.50\""),
            row(2, "\"Hamlet\"", "\"1603\"", "\"10.00\""),
            row(3, "\"Emma\"", "\"1815\"", "\"100\""),
            row(4, "\"Walden\"", "\"1854\"", "\"20\""),
            row(5, "\"Ulysses\"", "\"1922\"", "null"),
            row(6, "\"Utopia\"", "\"1516\"", "\"9.5\""));
    byte[] body = ("[" + rows + "]").getBytes(StandardCharsets.UTF_8);
    SyncedTable table = new SyncedTable(store, WORKS);
    table.take(
        table.position(),
        new SyncedTable.Answer("1-1", Optional.of(Offset.SNAPSHOT_END), false),
        ShapeMessageReader.ofArray(body, body.length)::next);
    write("a", Op.UPDATE, Map.of("id", 2, "year", 1601));
    write("b", Op.DELETE, Map.of("id", 3));
    write("c", Op.INSERT, Map.of("id", 7, "title", "Middlemarch", "year", 1871));
  }

  private static String row(int id, String title, String year, String price) {
    return "{\"key\":\"%d\",\"value\":{\"id\":\"%d\",\"title\":%s,\"year\":%s,\"price\":%s},\"headers\":{\"operation\":\"insert\"}}"
        .formatted(id, id, title, year, price);
  }

  private void write(String id, Op op, Map<String, Object> values) {
    store.write(
        Durability.FULL,
        tx -> Overlay.add(tx, store, id, LocalChange.of(WORKS, op, values), Optional.empty()));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private List<Integer> ids(Query query) {
    List<Integer> ids = new ArrayList<>();
    store.read(query::run).forEach(row -> ids.add(Integer.valueOf("" + row.get("id"))));
    return ids;
  }

  private List<Integer> where(Condition condition) {
    return ids(Query.of(WORKS).where(condition));
  }

  @Test
  void conditionsSeeTheMergedValues() {
    assertThat(where(YEAR.eq(1601))).containsExactly(2);
    assertThat(where(YEAR.eq(1603))).isEmpty();
    assertThat(where(YEAR.gt(1800))).containsExactly(4, 5, 7);
    assertThat(where(YEAR.between(1516, 1601))).containsExactly(2, 6);
    assertThat(where(YEAR.isNull())).containsExactly(1);
    assertThat(where(YEAR.isNotNull().and(YEAR.lt(1602)))).containsExactly(2, 6);
    assertThat(where(YEAR.ne(1601))).containsExactly(4, 5, 6, 7);
    assertThat(where(TITLE.in(Set.of("Hamlet", "Emma", "Iliad")))).containsExactly(1, 2);
    assertThat(where(TITLE.in(Set.of()))).isEmpty();
    Set<String> many =
        IntStream.range(0, 40_000).mapToObj(n -> "Title " + n).collect(Collectors.toSet());
    assertThat(where(TITLE.in(many))).isEmpty();
    many.add("Hamlet");
    assertThat(where(TITLE.in(many))).isEqualTo(where(TITLE.in(Set.of("Hamlet"))));
    assertThat(where(TITLE.startsWith("U").or(TITLE.contains("dle")))).containsExactly(5, 6, 7);
    assertThat(where(TITLE.startsWith("U").not())).containsExactly(1, 2, 4, 7);
  }

  @Test
  void numbersAreComparedAsNumbersHoweverTheyAreWritten() {
    assertThat(where(PRICE.eq(new BigDecimal("9.5")))).containsExactly(1, 6);
    assertThat(where(PRICE.gt(new BigDecimal("9.5")))).containsExactly(2, 4);
    assertThat(ids(Query.of(WORKS).where(PRICE.isNotNull()).orderBy(PRICE.desc())))
        .containsExactly(4, 2, 1, 6);
  }

  @Test
  void numbersOfAnyLengthAreComparedByEveryDigit() {
    Random random = new Random(7);
    List<BigDecimal> numbers = new ArrayList<>();
    for (String text :
        List.of(
            "9007199254740992", "9007199254740993", "0", "0.1", "0.10", "-0.1", "-0.11", "-9")) {
      numbers.add(new BigDecimal(text));
    }
    for (int i = 0; i < 60; i++) {
      BigInteger digits = new BigInteger(1 + random.nextInt(200), random);
      BigDecimal number = new BigDecimal(digits, random.nextInt(40));
      numbers.add(random.nextBoolean() ? number.negate() : number);
      numbers.add(numbers.getLast().add(BigDecimal.ONE.movePointLeft(50)));
    }
    for (int i = 0; i < numbers.size(); i++) {
      write("n" + i, Op.INSERT, Map.of("id", 100 + i, "price", numbers.get(i)));
    }
    Query all = Query.of(WORKS).where(Column.of(WORKS, "id", Integer.class).ge(100));

    List<BigDecimal> sorted = prices(all.orderBy(PRICE.asc()));

    assertThat(sorted)
        .usingElementComparator(BigDecimal::compareTo)
        .containsExactlyElementsOf(numbers.stream().sorted().toList());
    for (BigDecimal number : numbers) {
      assertThat(prices(all.where(PRICE.gt(number))))
          .hasSize((int) numbers.stream().filter(one -> one.compareTo(number) > 0).count());
      assertThat(prices(all.where(PRICE.eq(number))))
          .hasSize((int) numbers.stream().filter(one -> one.compareTo(number) == 0).count());
    }
  }

  private List<BigDecimal> prices(Query query) {
    List<BigDecimal> prices = new ArrayList<>();
    store.read(query::run).forEach(row -> prices.add(new BigDecimal("" + row.get("price"))));
    return prices;
  }

  @Test
  void anIndexAnswersWhatIsAskedOfNumbers() {
    List<Object> values = new ArrayList<>();
    String sql = Query.of(WORKS).where(PRICE.eq(new BigDecimal("9.5"))).sql(values);

    List<String> plan =
        store.read(tx -> tx.query("explain query plan " + sql, values, row -> "" + row.text(3)));

    assertThat(plan).filteredOn(step -> step.contains("works__index_")).hasSize(2);
  }

  @Test
  void rowsComeInOrderFromBothSides() {
    Query byYear = Query.of(WORKS).orderBy(YEAR.asc());

    assertThat(ids(byYear)).containsExactly(1, 6, 2, 4, 7, 5);
    assertThat(ids(byYear.limit(2).offset(3))).containsExactly(4, 7);
    assertThat(ids(Query.of(WORKS).orderBy(YEAR.desc()).limit(2))).containsExactly(5, 7);
    assertThat(store.read(Query.of(WORKS).where(YEAR.gt(1600))::count)).isEqualTo(4);
  }

  @Test
  void anIndexAnswersEachSide() {
    List<Object> values = new ArrayList<>();
    Query query = Query.of(WORKS).where(YEAR.gt(1800)).orderBy(YEAR.asc()).limit(50);
    String sql = query.sql(values);

    List<String> plan =
        store.read(tx -> tx.query("explain query plan " + sql, values, row -> "" + row.text(3)));

    assertThat(plan).noneMatch(step -> step.startsWith("SCAN"));
    assertThat(plan).filteredOn(step -> step.contains("works__index_")).hasSize(2);
  }

  @Test
  void aRowHasEveryColumnInJavasTypes() {
    Row row = store.read(Query.of(WORKS).where(YEAR.eq(1601))::run).getFirst();

    assertThat(row)
        .isEqualTo(
            Row.of("id", 2, "title", "Hamlet", "year", 1601, "price", new BigDecimal("10.00")));
  }
}
