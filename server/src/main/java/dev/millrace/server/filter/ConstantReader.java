package dev.millrace.server.filter;

import dev.millrace.server.filter.CanonicalTemplate.Reading;
import dev.millrace.server.filter.Lifted.Constant;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Reads constants as types do and writes them as Postgres does. What is plain is done here; the
 * rest Postgres is asked.
 */
final class ConstantReader {

  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,40}");

  /** Short enough for every type of number. */
  private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,100}(\\.[0-9]{1,100})?");

  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /** Classes of errors that are the value's own. */
  private static final Set<String> VALUE_ERRORS = Set.of("22", "23", "54");

  /** Constants asked for in one query. */
  private static final int MOST_AT_ONCE = 100;

  private ConstantReader() {}

  /** The values of those that need no asking. */
  static Map<Reading, String> natively(List<Reading> readings) {
    Map<Reading, String> values = new LinkedHashMap<>();
    for (Reading reading : readings) {
      natively(reading.type(), reading.text()).ifPresent(value -> values.put(reading, value));
    }
    return values;
  }

  private static Optional<String> natively(String type, String text) {
    return switch (type) {
      case "text", "character varying" -> isAscii(text) ? Optional.of(text) : Optional.empty();
      case "uuid" -> matched(UUID, text).map(uuid -> uuid.toLowerCase(Locale.ROOT));
      case "smallint" -> whole(text, 16);
      case "integer" -> whole(text, 32);
      case "bigint" -> whole(text, 64);
      case "numeric" ->
          matched(DECIMAL, text).map(decimal -> new BigDecimal(decimal).toPlainString());
      case "boolean" -> bool(text);
      default -> Optional.empty();
    };
  }

  private static Optional<String> matched(Pattern pattern, String text) {
    return Optional.of(text).filter(pattern.asMatchPredicate());
  }

  /** Other characters may be missing in the database's encoding. */
  private static boolean isAscii(String text) {
    return StandardCharsets.US_ASCII.newEncoder().canEncode(text);
  }

  private static Optional<String> whole(String text, int bits) {
    return matched(WHOLE, text)
        .map(BigInteger::new)
        .filter(value -> value.bitLength() < bits)
        .map(BigInteger::toString);
  }

  private static Optional<String> bool(String text) {
    return switch (text) {
      case "t", "true" -> Optional.of("t");
      case "f", "false" -> Optional.of("f");
      default -> Optional.empty();
    };
  }

  /**
   * What Postgres makes of them. On a connection in autocommit mode.
   *
   * @throws InvalidExpression if a type cannot read one
   */
  static Map<Reading, String> ask(
      Connection connection, List<Reading> readings, List<Constant> constants)
      throws InvalidExpression, SQLException {
    Map<Reading, String> values = new LinkedHashMap<>();
    long characters = 0;
    for (int from = 0; from < readings.size(); from += MOST_AT_ONCE) {
      int to = Math.min(readings.size(), from + MOST_AT_ONCE);
      List<String> some = askSome(connection, readings.subList(from, to), constants);
      for (int i = 0; i < some.size(); i++) {
        values.put(readings.get(from + i), some.get(i));
        characters += some.get(i).length();
      }
      if (characters > Filter.MOST_CHARACTERS) {
        throw new InvalidExpression("the constants are bigger than maximum size (512 kB)");
      }
    }
    return values;
  }

  private static List<String> askSome(
      Connection connection, List<Reading> readings, List<Constant> constants)
      throws InvalidExpression, SQLException {
    try {
      return query(connection, readings);
    } catch (SQLException e) {
      if (!isAboutValue(e)) {
        throw e;
      }
      // Postgres does not say which it was.
      for (Reading reading : readings) {
        askOne(connection, reading, constants.get(reading.constant()));
      }
      throw e;
    }
  }

  private static void askOne(Connection connection, Reading reading, Constant constant)
      throws InvalidExpression, SQLException {
    try {
      query(connection, List.of(reading));
    } catch (SQLException e) {
      ServerErrorMessage error = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
      if (error == null || error.getMessage() == null || !isAboutValue(e)) {
        throw e;
      }
      throw new InvalidExpression(constant.place(), error.getMessage());
    }
  }

  private static boolean isAboutValue(SQLException error) {
    String state = error.getSQLState();
    return state != null && VALUE_ERRORS.contains(state.substring(0, 2));
  }

  private static List<String> query(Connection connection, List<Reading> readings)
      throws SQLException {
    String columns =
        readings.stream()
            .map(reading -> "concat(?::%s)".formatted(reading.type()))
            .collect(Collectors.joining(", "));
    try (PreparedStatement query = connection.prepareStatement("select " + columns)) {
      for (int i = 0; i < readings.size(); i++) {
        query.setObject(i + 1, readings.get(i).text(), Types.OTHER);
      }
      List<String> values = new ArrayList<>();
      try (ResultSet row = query.executeQuery()) {
        row.next();
        for (int i = 1; i <= readings.size(); i++) {
          values.add(row.getString(i));
        }
      }
      return values;
    }
  }
}
