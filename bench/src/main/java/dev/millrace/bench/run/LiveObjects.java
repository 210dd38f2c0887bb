package dev.millrace.bench.run;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The bytes of the objects that a JVM holds after a full collection, by class. */
public record LiveObjects(Map<String, Long> bytesByClass) {

  /** A line of {@code GC.class_histogram}: rank, instances, bytes, class, module. */
  private static final Pattern LINE =
      Pattern.compile("^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(\\S+)", Pattern.MULTILINE);

  public LiveObjects {
    bytesByClass = Map.copyOf(bytesByClass);
  }

  static LiveObjects parse(String histogram) {
    Map<String, Long> bytes = new LinkedHashMap<>();
    Matcher line = LINE.matcher(histogram);
    while (line.find()) {
      bytes.merge(line.group(2), Long.parseLong(line.group(1)), Long::sum);
    }
    if (bytes.isEmpty()) {
      throw new BenchException("jcmd printed no class histogram: " + histogram.strip());
    }
    return new LiveObjects(bytes);
  }

  public long bytes() {
    return bytesByClass.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many bytes each of {@code count} things has added since {@code before}. */
  public double perThing(LiveObjects before, int count) {
    return (bytes() - before.bytes()) / (double) count;
  }

  /** The classes that grew most since {@code before}, with their bytes for each of the things. */
  public String growth(LiveObjects before, int count, int classes) {
    return bytesByClass.keySet().stream()
        .map(name -> Map.entry(name, added(before, name) / (double) count))
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(classes)
        .map(entry -> Values.whole(entry.getValue()) + " " + shortName(entry.getKey()))
        .collect(Collectors.joining(", "));
  }

  private long added(LiveObjects before, String name) {
    return bytesOf(name) - before.bytesOf(name);
  }

  private long bytesOf(String name) {
    return bytesByClass.getOrDefault(name, 0L);
  }

  private static String shortName(String name) {
    return switch (name) {
      case "[B" -> "byte[]";
      case "[I" -> "int[]";
      case "[J" -> "long[]";
      default -> name.substring(name.lastIndexOf('.') + 1);
    };
  }
}
