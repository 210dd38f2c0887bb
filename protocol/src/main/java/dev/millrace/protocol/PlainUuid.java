package dev.millrace.protocol;

/** The usual form of a UUID: hexadecimal digits in groups of 8, 4, 4, 4 and 12. */
public final class PlainUuid {

  private static final int LENGTH = 36;

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
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }
}
