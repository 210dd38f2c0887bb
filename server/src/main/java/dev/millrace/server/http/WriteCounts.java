package dev.millrace.server.http;

import dev.millrace.protocol.WriteAnswer;
import dev.millrace.protocol.WriteError;
import dev.millrace.protocol.WriteResult;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** Counts what becomes of writes. Any thread. */
public final class WriteCounts {

  /**
   * What became of changes.
   *
   * @param code why they were not applied; empty if they were
   */
  public record Outcome(String result, String code) {}

  private final Map<Outcome, LongAdder> changes = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();
  private final LongAdder batches = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final LongAdder underWay = new LongAdder();

  void began() {
    underWay.increment();
  }

  void ended() {
    underWay.decrement();
  }

  void answered(WriteAnswer answer, long tookNanos) {
    batches.increment();
    nanos.add(tookNanos);
    Map<Outcome, Long> outcomes =
        answer.results().stream()
            .collect(Collectors.groupingBy(WriteCounts::outcome, Collectors.counting()));
    outcomes.forEach(
        (outcome, count) -> changes.computeIfAbsent(outcome, o -> new LongAdder()).add(count));
  }

  private static Outcome outcome(WriteResult result) {
    return new Outcome(
        result.status().name().toLowerCase(Locale.ROOT),
        result.error().map(WriteError::code).orElse(""));
  }

  void refused(String code) {
    refused.computeIfAbsent(code, c -> new LongAdder()).increment();
  }

  /** Batches that were answered with a result for each change. */
  public long batches() {
    return batches.sum();
  }

  /** What those took in all, from the whole body to the answer. */
  public long nanos() {
    return nanos.sum();
  }

  /** Batches being applied now. */
  public long underWay() {
    return underWay.sum();
  }

  /** Changes by what became of them. */
  public Map<Outcome, Long> changes() {
    Map<Outcome, Long> counts = new ConcurrentHashMap<>();
    changes.forEach((outcome, count) -> counts.put(outcome, count.sum()));
    return counts;
  }

  /** Batches that were refused whole, by the code of the answer. */
  public Map<String, Long> refused() {
    Map<String, Long> counts = new TreeMap<>();
    refused.forEach((code, count) -> counts.put(code, count.sum()));
    return counts;
  }
}
