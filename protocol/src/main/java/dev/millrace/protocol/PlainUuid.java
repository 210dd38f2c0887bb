package dev.millrace.protocol;

/** The usual form of a UUID: hexadecimal digits in groups of 8, 4, 4, 4 and 12. */
public final class PlainUuid {

  private static final int LENGTH = 36;

  /** Which characters are hexadecimal digits. */
  private static final boolean[] DIGITS = digits();

  private PlainUuid() {}

  /** Whether {@code text} is one, in upper or lower case. */
  public static boolean is(String text) {
    if (text.length() != LENGTH) {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      boolean isRight =
          switch (i) {
            case 8, 13, 18, 23 -> text.charAt(i) == '-';
            default -> isDigit(text.charAt(i));
          };
      if (!isRight) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c < DIGITS.length && DIGITS[c];
  }

  private static boolean[] digits() {
    boolean[] digits = new boolean['f' + 1];
    "0123456789abcdefABCDEF".chars().forEach(c -> digits[c] = true);
    return digits;
  }
}
