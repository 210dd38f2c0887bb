package dev.millrace.bench.writes;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.UUID;

/**
 * A row of the benchmark, in one of its versions.
 *
 * @param version 0 as it is inserted
 */
record Note(UUID id, String owner, int number, int version) {

  private static final Instant MADE = Instant.parse("2026-01-02T03:04:05.678Z");

  Note next() {
    return new Note(id, owner, number, version + 1);
  }

  /** About 60 characters. */
  String title() {
    return String.format(
        Locale.ROOT, "Note %08d, version %02d, with a title as people write", number, version);
  }

  int rank() {
    return number + version;
  }

  OffsetDateTime made() {
    return MADE.atOffset(ZoneOffset.UTC);
  }

  /** What inserts it. */
  String insert() {
    return """
    {"id":"%s","table":"%s","op":"insert","created_at":%d,"payload":\
    {"id":"%s","owner":"%s","title":"%s","rank":%d,"made":"%s"}}\
    """
        .formatted(
            UUID.randomUUID(),
            NotesTable.GATEWAY.sqlName(),
            System.currentTimeMillis(),
            id,
            owner,
            title(),
            rank(),
            made());
  }

  /** What makes it of the version before, as a device says that saw that one. */
  String merge() {
    Note seen = new Note(id, owner, number, version - 1);
    return """
    {"id":"%s","table":"%s","op":"update","created_at":%d,"payload":\
    {"id":"%s","title":"%s","rank":%d},"base":{"title":"%s","rank":%d}}\
    """
        .formatted(
            UUID.randomUUID(),
            NotesTable.GATEWAY.sqlName(),
            System.currentTimeMillis(),
            id,
            title(),
            rank(),
            seen.title(),
            seen.rank());
  }
}
