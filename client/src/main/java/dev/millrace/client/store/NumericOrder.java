package dev.millrace.client.store;

/**
 * Puts numbers that are stored by their decimal text in their order, with every digit, in SQL that
 * any SQLite has and an index may be of.
 *
 * <p>A number becomes a text that compares by its bytes as the numbers do: its sign, how many
 * digits stand before the point, then the digits, without zeros at the end of a fraction. Of a
 * negative number the digits are turned round, 0 for 9, and the end comes after all digits. {@code
 * NaN} is the greatest, as in Postgres, then infinity.
 */
final class NumericOrder {

  /** Digits from 9 down, as the letters from a up. */
  private static final String TURNED = "jihgfedcba";

  private NumericOrder() {}

  /** The text by which a number compares, given the SQL that has its decimal text. */
  static String of(String sql) {
    return """
    case when %1$s = 'NaN' then '9' when %1$s = 'Infinity' then '8' when %1$s = '-Infinity' then '0'
    when substr(%1$s, 1, 1) = '-' then '1' || %2$s || '~' else '2' || %3$s end\
    """
        .formatted(sql, turned(magnitude("substr(" + sql + ", 2)")), magnitude(sql))
        .replace('\n', ' ');
  }

  private static String magnitude(String sql) {
    return "printf('%%06d', instr(%1$s || '.', '.') - 1) || case when instr(%1$s, '.') then rtrim(rtrim(%1$s, '0'), '.') else %1$s end"
        .formatted(sql);
  }

  private static String turned(String sql) {
    String all = sql;
    for (int digit = 0; digit < TURNED.length(); digit++) {
      all = "replace(%s, '%d', '%c')".formatted(all, digit, TURNED.charAt(digit));
    }
    return all;
  }
}
