package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.filter.RowOrder;
import dev.millrace.server.filter.SqlExpression;
import java.io.IOException;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * Random texts made of what is dangerous in SQL: whatever the server takes for an expression stays
 * between the parentheses it is put in, as Postgres reads them.
 */
@ExtendWith(OnePostgres.class)
class HostileExpressionsTest {

  private static final long SEED = Long.getLong("millrace.seed", 20_261_122);
  private static final int TEXTS = 60_000;

  private static final List<String> PIECES =
      List.of(
          "'",
          "'",
          "''",
          "e'",
          "E'",
          "n'",
          "b'",
          "x'",
          "u&'",
          "U&\"",
          "\\",
          "\\'",
          "\\\\",
          "\"",
          "\"\"",
          "$1",
          "$2",
          "$$",
          "$a$",
          "--",
          "/*",
          "*/",
          ";",
          "(",
          ")",
          "(",
          ")",
          "[",
          "]",
          "\n",
          "\n",
          " ",
          " ",
          "\t",
          "\u000b",
          "\r",
          "1",
          "1e",
          ".5",
          "0x1",
          "1_0",
          ".",
          ",",
          "::",
          ":",
          "=",
          "||",
          "+",
          "-",
          "*",
          "/",
          "<",
          "?",
          "true",
          " or ",
          " and ",
          " not ",
          "a",
          "é",
          "😀",
          "\ud800",
          "\0",
          "\u00a0",
          " union select 'out' ",
          ") union select 'out' where (true",
          " is null",
          "::text",
          "'a'",
          "'a'='a'",
          "e'a'\n",
          " in ",
          "select ",
          "null",
          "`",
          "{",
          "}");

  private static Connection connection;

  @BeforeAll
  static void connect(LocalPostgres postgres) throws SQLException {
    connection = postgres.connect();
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement()) {
      statement.execute("set standard_conforming_strings = on; set statement_timeout = '5s'");
    }
  }

  @AfterAll
  static void disconnect() throws SQLException {
    connection.close();
  }

  private static String text(Random random, int most) {
    return IntStream.range(0, 1 + random.nextInt(most))
        .mapToObj(i -> PIECES.get(random.nextInt(PIECES.size())))
        .collect(Collectors.joining());
  }

  private static String literal(String value) {
    try {
      return "'" + connection.unwrap(PGConnection.class).escapeLiteral(value) + "'";
    } catch (SQLException e) {
      return "''";
    }
  }

  /** What comes out of a query that can have no rows unless the text gets out of its place. */
  private static String rows(String expression) throws SQLException {
    CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
    StringWriter out = new StringWriter();
    try {
      copy.copyOut(
          "copy (select 'in' where (%s\n) and false) to stdout".formatted(expression), out);
    } catch (IOException e) {
      throw new SQLException(e);
    }
    return out.toString();
  }

  // Protocol 9-11.
  @Test
  void anAcceptedTextStaysBetweenItsParentheses() {
    Random random = new Random(SEED);
    UnaryOperator<String> quote = HostileExpressionsTest::literal;
    int accepted = 0;
    int understood = 0;
    for (int i = 0; i < TEXTS; i++) {
      String text = text(random, 9);
      Map<Integer, String> values = Map.of(1, text(random, 4), 2, text(random, 4));
      try {
        SqlExpression expression = SqlExpression.of(text);
        accepted++;
        String sql = expression.withParameters(values, quote);
        assertThat(rows(sql)).as("seed %d, text %d: %s", SEED, i, sql).isEmpty();
        understood++;
      } catch (InvalidExpression | SQLException refused) {
        // By us or by Postgres: both are well.
      }
    }
    assertThat(accepted).as("texts accepted").isGreaterThan(TEXTS / 60);
    assertThat(understood).as("texts that Postgres could run").isGreaterThan(TEXTS / 1000);
  }

  // Protocol 9-4.
  @Test
  void anAcceptedOrderNamesColumnsOnly() {
    Random random = new Random(SEED);
    List<String> pieces =
        List.of(
            "a",
            "\"b\"",
            "\"\"\"\"",
            ",",
            " ",
            "\n",
            "desc",
            "asc",
            " nulls first",
            "nulls last",
            "(",
            ")",
            "1",
            "'",
            ";",
            "$1",
            "--",
            "::text",
            "+",
            "é",
            "\"",
            ".");
    int accepted = 0;
    for (int i = 0; i < TEXTS; i++) {
      String text =
          IntStream.range(0, 1 + random.nextInt(7))
              .mapToObj(n -> pieces.get(random.nextInt(pieces.size())))
              .collect(Collectors.joining());
      try {
        String sql = RowOrder.parse(text).sql();
        accepted++;
        assertThat(sql)
            .as("seed %d, text %d: %s", SEED, i, text)
            .matches("(\"([^\"]|\"\")+\" (asc|desc)? ?(nulls (first|last))?(, |$))+");
      } catch (InvalidExpression refused) {
        // Well.
      }
    }
    assertThat(accepted).isGreaterThan(TEXTS / 60);
  }
}
