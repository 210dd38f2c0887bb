package dev.millrace.server.filter.value;

/**
 * A value of type timetz.
 *
 * @param micros since midnight
 * @param secondsWest of Greenwich, as Postgres keeps zones
 */
record ZonedTime(long micros, int secondsWest) implements Comparable<ZonedTime> {

  static ZonedTime parse(String text) {
    int zone = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
    String[] parts = text.substring(zone + 1).split(":", -1);
    int seconds = 0;
    for (int i = 0; i < 3; i++) {
      seconds = seconds * 60 + (i < parts.length ? Integer.parseInt(parts[i]) : 0);
    }
    return new ZonedTime(
        Dates.parseTime(text.substring(0, zone)), text.charAt(zone) == '+' ? -seconds : seconds);
  }

  String print() {
    StringBuilder out = new StringBuilder(Dates.printTime(micros));
    int seconds = Math.abs(secondsWest);
    out.append(secondsWest <= 0 ? '+' : '-');
    append(out, seconds / 3600);
    if (seconds % 3600 != 0) {
      append(out.append(':'), seconds / 60 % 60);
    }
    if (seconds % 60 != 0) {
      append(out.append(':'), seconds % 60);
    }
    return out.toString();
  }

  private static void append(StringBuilder out, int twoDigits) {
    out.append(twoDigits < 10 ? "0" : "").append(twoDigits);
  }

  private long utc() {
    return micros + secondsWest * Dates.MICROS_PER_SECOND;
  }

  /** The same moment in different zones is not the same value. */
  @Override
  public int compareTo(ZonedTime other) {
    int byMoment = Long.compare(utc(), other.utc());
    return byMoment != 0 ? byMoment : Integer.compare(secondsWest, other.secondsWest);
  }
}
