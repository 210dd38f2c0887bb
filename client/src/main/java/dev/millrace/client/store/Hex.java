package dev.millrace.client.store;

/** Bytes in Postgres' text form: {@code \x00ff}. */
final class Hex {

  private static final String DIGITS = "0123456789abcdef";

  private Hex() {}

  static String text(byte[] bytes) {
    StringBuilder text = new StringBuilder(2 + 2 * bytes.length).append("\\x");
    for (byte b : bytes) {
      text.append(DIGITS.charAt(b >> 4 & 15)).append(DIGITS.charAt(b & 15));
    }
    return text.toString();
  }

  /**
   * The bytes of such a text.
   *
   * @throws IllegalArgumentException if it is none
   */
  static byte[] bytes(String text) {
    if (!text.startsWith("\\x") || text.length() % 2 != 0) {
      throw new IllegalArgumentException("not bytes");
    }
    byte[] bytes = new byte[text.length() / 2 - 1];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(text, 2 * i + 2, 2 * i + 4, 16);
    }
    return bytes;
  }
}
