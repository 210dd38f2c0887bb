package dev.millrace.conformance;

import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteChange.Op;
import dev.millrace.protocol.WriteResult;
import dev.millrace.protocol.WriteResult.Status;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** Makes changes as a device makes them; JSON that begins with {' has ' for ". */
final class Changes {
  private Changes() {}

  static WriteChange insert(String table, String payload) {
    return change(Op.INSERT, table, payload);
  }

  static WriteChange update(String table, String payload) {
    return change(Op.UPDATE, table, payload);
  }

  static WriteChange update(String table, String payload, String base) {
    WriteChange change = update(table, payload);
    return withBase(change, base);
  }

  static WriteChange delete(String table, String payload) {
    return change(Op.DELETE, table, payload);
  }

  private static WriteChange change(Op op, String table, String payload) {
    return new WriteChange(
        UUID.randomUUID().toString(),
        table,
        op,
        json(payload),
        OptionalLong.of(System.currentTimeMillis()),
        Optional.empty(),
        Optional.empty(),
        "pending",
        0);
  }

  static WriteChange withBase(WriteChange change, String base) {
    return new WriteChange(
        change.id(),
        change.table(),
        change.op(),
        change.payload(),
        change.createdAt(),
        Optional.of(json(base)),
        change.tx(),
        change.status(),
        change.retryCount());
  }

  static WriteChange inTx(String tx, WriteChange change) {
    return new WriteChange(
        change.id(),
        change.table(),
        change.op(),
        change.payload(),
        change.createdAt(),
        change.base(),
        Optional.of(tx),
        change.status(),
        change.retryCount());
  }

  static WriteChange at(OptionalLong createdAt, int retryCount, WriteChange change) {
    return new WriteChange(
        change.id(),
        change.table(),
        change.op(),
        change.payload(),
        createdAt,
        change.base(),
        change.tx(),
        change.status(),
        retryCount);
  }

  static Json.Members json(String text) {
    String json = text.startsWith("{'") ? text.replace('\'', '"') : text;
    try {
      return (Json.Members) JsonReader.read(json, JsonLimits.DEFAULT);
    } catch (InvalidJson e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  static List<Status> statuses(List<WriteResult> results) {
    return results.stream().map(WriteResult::status).toList();
  }

  /** The code of the error, or the status. */
  static String end(WriteResult result) {
    return result
        .error()
        .map(error -> error.code() + (error.isRetryable() ? " (retry)" : ""))
        .orElse(result.status().name());
  }

  static List<String> ends(List<WriteResult> results) {
    return results.stream().map(Changes::end).toList();
  }
}
