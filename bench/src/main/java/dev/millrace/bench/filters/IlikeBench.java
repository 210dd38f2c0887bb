package dev.millrace.bench.filters;

import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.Comparison;
import dev.millrace.bench.run.Comparison.Figure;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Values;
import dev.millrace.protocol.InvalidName;
import dev.millrace.protocol.RelationName;
import dev.millrace.server.filter.CompiledFilter;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.FilterCompiler;
import dev.millrace.server.filter.FilterRow;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.postgres.Table;
import dev.millrace.server.postgres.Tuple;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times the evaluation of many filters on the same rows, on one thread, without a server round it:
 * a thousand searches in the titles of books, beside the same searches by {@link String#contains}
 * in titles that were brought to lower case beforehand.
 */
@Command(
    name = "ilike",
    mixinStandardHelpOptions = true,
    description = "1,000 filters title ILIKE '%…%' on each row, beside String.contains.")
public final class IlikeBench implements Benchmark {

  /** Evaluations per second and core that are asked for. */
  private static final double TARGET = 2_000_000;

  private static final int ROUNDS = 7;
  private static final int WARM_UP_ROUNDS = 3;
  private static final int ROWS = 2000;
  private static final Random RANDOM = new Random(20_261_125);
  private static final List<String> WORDS =
      List.of(
          "The",
          "Mill",
          "on",
          "Floss",
          "Middlemarch",
          "A",
          "Study",
          "of",
          "Provincial",
          "Life",
          "Les",
          "Misérables",
          "Œuvres",
          "Complètes",
          "War",
          "and",
          "Peace",
          "Sea",
          "Wolf",
          "Night");

  @Option(
      names = "--filters",
      description = "How many filters see each row (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int filters = 1000;

  @Override
  public void measure(Run run) throws SQLException {
    run.postgres().execute("create table book (id int primary key, title text)");
    List<String> needles = IntStream.range(0, filters).mapToObj(i -> needle()).toList();
    List<String> titles = IntStream.range(0, ROWS).mapToObj(i -> title()).toList();
    List<CompiledFilter> compiled = compile(run, needles);
    List<Tuple> rows = new ArrayList<>();
    titles.forEach(title -> rows.add(Tuple.of(Arrays.asList("1", title))));
    List<String> folded = titles.stream().map(title -> title.toLowerCase(Locale.ROOT)).toList();

    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      long begun = System.nanoTime();
      long found = evaluate(compiled, rows);
      long between = System.nanoTime();
      long expected = contains(needles, folded);
      long ended = System.nanoTime();
      run.report().expect("matches", expected, found);
      if (round >= WARM_UP_ROUNDS) {
        ours.add(rate(between - begun));
        theirs.add(rate(ended - between));
      }
    }
    run.report()
        .compareRates(
            "%,d filters ILIKE".formatted(filters),
            "evaluations/s",
            Values.of(ours),
            "String.contains",
            Values.of(theirs),
            OptionalDouble.empty());
    double median = Values.of(ours).median();
    run.report()
        .compare(
            Comparison.ratio(
                "the same, as asked for",
                Figure.rate(median, "evaluations/s"),
                Figure.rate(TARGET, "evaluations/s"),
                "asked for",
                OptionalDouble.of(1)));
  }

  private double rate(long nanos) {
    return (double) filters * ROWS / nanos * 1e9;
  }

  /** Lower case; a few letters that some titles have. */
  private static String needle() {
    String word = WORDS.get(RANDOM.nextInt(WORDS.size())).toLowerCase(Locale.ROOT);
    return word.substring(RANDOM.nextInt(Math.max(1, word.length() / 2))) + RANDOM.nextInt(10);
  }

  /** Some forty characters, a fifth of which titles have letters beyond ASCII. */
  private static String title() {
    StringBuilder title = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      title.append(WORDS.get(RANDOM.nextInt(WORDS.size()))).append(RANDOM.nextInt(100)).append(' ');
    }
    return title.toString();
  }

  private static List<CompiledFilter> compile(Run run, List<String> needles) {
    try (Database database = Database.open(DatabaseUrl.parse(run.postgres().url()), 1)) {
      Table table =
          new Catalog(database)
              .table(RelationName.parse("book"))
              .orElseThrow(() -> new BenchException("there is no table book"));
      FilterCompiler compiler = new FilterCompiler(database);
      return needles.stream()
          .map(needle -> new Filter("(title ~~* '%" + needle + "%'::text)"))
          .map(filter -> compiler.compile(filter, table))
          .toList();
    } catch (InvalidName e) {
      throw new BenchException("book is no name");
    }
  }

  private static long evaluate(List<CompiledFilter> filters, List<Tuple> rows) {
    FilterRow row = new FilterRow();
    int[] places = {0, 1};
    long found = 0;
    for (Tuple tuple : rows) {
      row.reset(tuple, null, places);
      for (CompiledFilter filter : filters) {
        found += filter.mayMatch(row) ? 1 : 0;
      }
    }
    return found;
  }

  private static long contains(List<String> needles, List<String> titles) {
    long found = 0;
    for (String title : titles) {
      for (String needle : needles) {
        found += title.contains(needle) ? 1 : 0;
      }
    }
    return found;
  }
}
