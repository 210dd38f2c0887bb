package dev.millrace.server.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.Offset;
import dev.millrace.server.postgres.PgSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShapeLogTest {

  private static final int SHAPE = 1;
  private static final int CHUNK_BYTES = 2_000;
  private static final PgSnapshot SEES_NOTHING = new PgSnapshot(1, 1, List.of(), 0);

  @TempDir private Path folder;

  private Journal journal;
  private ChunkSealer sealer;
  private ShapeLog log;

  /** A message as it was written: its offset and its text. */
  private record Written(Offset offset, String text) {}

  @BeforeEach
  void open() {
    openJournal();
    log = new ShapeLog(SHAPE, context(1 << 20), folder.resolve("log"));
    log.decide(SEES_NOTHING);
  }

  private void openJournal() {
    journal = Journal.open(folder.resolve("journal"));
    journal.recover((shape, batch) -> {});
    sealer = new ChunkSealer();
    sealer.start();
  }

  private ShapeLog.LogContext context(long hotBytes) {
    return new ShapeLog.LogContext(journal, new HotMessages(hotBytes), sealer, CHUNK_BYTES);
  }

  @AfterEach
  void close() {
    sealer.close();
    journal.close();
  }

  private List<Written> transaction(long tx, int messages, int bytes) {
    List<Written> written = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      long op = 2L * i;
      String body = "{\"n\":\"%d_%d%s\",\"headers\":{\"x\":1".formatted(tx, op, "x".repeat(bytes));
      ByteBuilder message = new ByteBuilder(64).add("," + body);
      log.append(message, tx, op, 77, 1);
      written.add(new Written(new Offset(tx, op), body));
    }
    log.endTransaction();
    return written;
  }

  private void publish(long position) {
    log.prepare();
    journal.commit(position);
    log.publish();
  }

  private static String text(LogSlice slice) {
    return switch (slice.place()) {
      case LogSlice.Place.Array(byte[] array, int start, long length) ->
          new String(array, start, (int) length, StandardCharsets.UTF_8);
      case LogSlice.Place.File(Path file, long start, long length) -> fileText(file, start, length);
      case LogSlice.Place.Tail tail -> tailText(tail, Integer.MAX_VALUE);
    };
  }

  private static String tailText(LogSlice.Place.Tail tail, int pieceBytes) {
    StringBuilder text = new StringBuilder();
    LogSlice.Place.Tail rest = tail;
    while (rest.length() > 0) {
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(pieceBytes, rest.length()));
      rest = rest.read(piece);
      text.append(StandardCharsets.UTF_8.decode(piece.flip()));
    }
    return text.toString();
  }

  private static String fileText(Path file, long start, long length) {
    try {
      byte[] all = Files.readAllBytes(file);
      return new String(all, (int) start, (int) length, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Reads slice by slice from {@code from} to the end and gives the messages. */
  private List<String> readAll(Offset from) {
    List<String> messages = new ArrayList<>();
    Offset at = from;
    boolean atEnd = false;
    while (!atEnd) {
      LogSlice slice = log.read(at);
      String text = text(slice);
      if (!text.isEmpty()) {
        messages.addAll(List.of(text.substring(1).split(",(?=\\{\"n\")")));
      }
      at = slice.end();
      atEnd = slice.reachesEnd();
    }
    return messages;
  }

  private static List<String> expectedAfter(List<Written> all, Offset from) {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Written written = all.get(i);
      boolean last = i == all.size() - 1 || all.get(i + 1).offset().tx() != written.offset().tx();
      boolean after =
          written.offset().isAfter(from)
              && !(from.op() == 0 && from.tx() == written.offset().tx() && from.tx() > 0);
      if (after) {
        expected.add(written.text() + (last ? ",\"last\":true}}" : "}}"));
      }
    }
    return expected;
  }

  @Test
  void fromEveryOffsetTheRestOfTheLogIsRead() {
    Random random = new Random(5);
    List<Written> all = new ArrayList<>();
    for (int tx = 10; tx < 60; tx++) {
      all.addAll(transaction(tx, 1 + random.nextInt(8), random.nextInt(300)));
      if (random.nextBoolean()) {
        publish(tx);
      }
    }
    publish(60);

    for (Written written : all) {
      assertThat(readAll(written.offset())).isEqualTo(expectedAfter(all, written.offset()));
    }
    assertThat(readAll(Offset.SNAPSHOT_END)).isEqualTo(expectedAfter(all, Offset.SNAPSHOT_END));
  }

  private static String events(LogEvents events) {
    StringBuilder text = new StringBuilder();
    events.runs().forEach(run -> text.append(new String(run, StandardCharsets.UTF_8)));
    return text.toString();
  }

  @Test
  void inEventsTheSameIsReadAndEachPartIsSmall() {
    for (long hotBytes : new long[] {0, 1 << 20}) {
      log = new ShapeLog(SHAPE, context(hotBytes), folder.resolve("log" + hotBytes));
      log.decide(SEES_NOTHING);
      Random random = new Random(6);
      List<Written> all = new ArrayList<>();
      for (int tx = 10; tx < 80; tx++) {
        all.addAll(transaction(tx, 1 + random.nextInt(8), random.nextInt(300)));
        publish(tx);
      }

      List<String> messages = new ArrayList<>();
      Offset at = Offset.SNAPSHOT_END;
      boolean atEnd = false;
      while (!atEnd) {
        LogEvents part = log.events(at, 600);
        messages.addAll(
            List.of(events(part).substring("data: ".length()).split("\\n\\n(data: )?")));
        assertThat(part.end()).isGreaterThan(at);
        // A part, the message that crosses its end, and one more after a first offset.
        assertThat(events(part).length()).isLessThan(600 + 2 * 400);
        at = part.end();
        atEnd = part.reachesEnd();
      }
      assertThat(messages).isEqualTo(expectedAfter(all, Offset.SNAPSHOT_END));
    }
  }

  @Test
  void whatIsReadPieceByPieceIsTheSameWhereverItLiesMeanwhile() {
    List<Written> all = new ArrayList<>();
    all.addAll(transaction(10, 3, 100));
    publish(10);
    all.addAll(transaction(20, 4, 100));
    publish(20);
    LogSlice slice = log.read(all.getFirst().offset());
    var whole = (LogSlice.Place.Tail) slice.place();
    ByteBuffer beginning = ByteBuffer.allocate(100);

    LogSlice.Place.Tail rest = whole.withoutFirst().read(beginning);
    String inMemory = tailText(rest, 7);
    transaction(30, 1, 2 << 20);
    publish(30);
    Awaitility.await().until(() -> chunkFiles() == 1);
    journal.tidy();
    assertThat(folder.resolve("journal/0000000001.journal")).doesNotExist();

    assertThat(StandardCharsets.UTF_8.decode(beginning.flip()) + inMemory)
        .isEqualTo(String.join(",", expectedAfter(all, all.getFirst().offset())));
    assertThat(tailText(rest, 7)).isEqualTo(inMemory);
    assertThat(tailText(rest, Integer.MAX_VALUE)).isEqualTo(inMemory);
  }

  @Test
  void aReopenedLogReadsTheSame() throws IOException {
    List<Written> all = new ArrayList<>();
    for (int tx = 10; tx < 60; tx++) {
      all.addAll(transaction(tx, 3, 150));
      publish(tx);
    }
    close();

    journal = Journal.open(folder.resolve("journal"));
    sealer = new ChunkSealer();
    log = ShapeLog.restore(SHAPE, context(1 << 20), folder.resolve("log"));
    journal.recover((shape, batch) -> log.recovered(batch, SEES_NOTHING));
    sealer.start();

    assertThat(readAll(Offset.SNAPSHOT_END)).isEqualTo(expectedAfter(all, Offset.SNAPSHOT_END));
    all.addAll(transaction(70, 3, 150));
    publish(70);
    assertThat(readAll(Offset.SNAPSHOT_END)).isEqualTo(expectedAfter(all, Offset.SNAPSHOT_END));
  }

  @Test
  void nothingOfATransactionIsSeenBeforeItIsPublished() {
    transaction(10, 30, 200);

    assertThat(log.read(Offset.SNAPSHOT_END).isEmpty()).isTrue();
    publish(10);
    assertThat(log.read(Offset.SNAPSHOT_END).isEmpty()).isFalse();
  }

  @Test
  void anAbortedTransactionLeavesNothing() {
    List<Written> all = new ArrayList<>(transaction(10, 3, 100));
    publish(10);
    transaction(20, 40, 100);
    log.abort();
    journal.reset();

    all.addAll(transaction(20, 2, 10));
    publish(20);

    assertThat(readAll(Offset.SNAPSHOT_END)).isEqualTo(expectedAfter(all, Offset.SNAPSHOT_END));
  }

  @Test
  void chunksEndWhereTheThresholdIsCrossedAndAreMovedToFiles() throws IOException {
    for (int tx = 10; tx < 40; tx++) {
      transaction(tx, 5, 200);
    }
    publish(40);

    LogSlice first = log.read(Offset.SNAPSHOT_END);

    assertThat(first.place().length()).isBetween((long) CHUNK_BYTES, CHUNK_BYTES + 600L);
    assertThat(first.reachesEnd()).isFalse();
    Awaitility.await().until(() -> chunkFiles() >= 14);
  }

  private long chunkFiles() throws IOException {
    Path chunks = folder.resolve("log");
    if (!Files.exists(chunks)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(chunks)) {
      return files.filter(file -> file.toString().endsWith(".chunk")).count();
    }
  }

  @Test
  void noChunkEndsAfterTheFirstChangeOfATransactionThatGoesOn() {
    transaction(10, 3, CHUNK_BYTES);
    publish(10);

    LogSlice slice = log.read(Offset.SNAPSHOT_END);

    assertThat(slice.end()).isEqualTo(new Offset(10, 2));
  }

  @Test
  void aTransactionsFirstOffsetStandsForAllOfIt() {
    transaction(10, 3, 10);
    List<Written> second = transaction(20, 1, 10);
    publish(20);

    assertThat(readAll(new Offset(10, 0))).isEqualTo(expectedAfter(second, Offset.SNAPSHOT_END));
    assertThat(log.hasAfter(new Offset(10, 0))).isTrue();
  }

  @Test
  void afterTheFirstOffsetOfTheLastTransactionThereIsNothing() {
    transaction(10, 3, 10);
    publish(10);

    assertThat(log.read(new Offset(10, 0)).isEmpty()).isTrue();
    assertThat(log.hasAfter(new Offset(10, 0))).isFalse();
    assertThat(log.hasAfter(new Offset(9, 4))).isTrue();
  }

  @Test
  void whatTheSnapshotSawIsDroppedWhenThatIsKnown() {
    log = new ShapeLog(2, context(1 << 20), folder.resolve("second"));
    transaction(10, 2, 10);
    List<Written> later = transaction(20, 2, 10);
    publish(20);

    log.decide(new PgSnapshot(78, 78, List.of(), 15));

    assertThat(readAll(Offset.SNAPSHOT_END)).isEqualTo(expectedAfter(later, Offset.SNAPSHOT_END));
  }

  @Test
  void whatTheSnapshotSawIsDroppedAlsoIfItIsPublishedLater() {
    log = new ShapeLog(2, context(1 << 20), folder.resolve("second"));
    transaction(10, 2, 10);
    List<Written> later = transaction(20, 2, 10);

    log.decide(new PgSnapshot(78, 78, List.of(), 15));
    publish(20);

    assertThat(readAll(Offset.SNAPSHOT_END)).isEqualTo(expectedAfter(later, Offset.SNAPSHOT_END));
  }

  @Test
  void messagesThatLeftMemoryAreReadFromTheJournal() {
    log = new ShapeLog(3, context(0), folder.resolve("third"));
    log.decide(SEES_NOTHING);
    List<Written> all = transaction(10, 4, 100);
    publish(10);

    assertThat(readAll(Offset.SNAPSHOT_END)).isEqualTo(expectedAfter(all, Offset.SNAPSHOT_END));
  }

  @Test
  void eventsCarryTheSameMessages() {
    transaction(10, 2, 3);
    publish(10);

    String events = events(log.events(Offset.SNAPSHOT_END, 1_000));

    assertThat(events)
        .isEqualTo(
            """
            data: {"n":"10_0xxx","headers":{"x":1}}

            data: {"n":"10_2xxx","headers":{"x":1,"last":true}}

            """);
  }

  @Test
  void readersGetTheirMessagesWhileMemoryIsUsedAgainAndAgain() throws Exception {
    var context = new ShapeLog.LogContext(journal, new HotMessages(4 << 10), sealer, 100_000);
    log = new ShapeLog(SHAPE, context, folder.resolve("log"));
    log.decide(SEES_NOTHING);
    List<Written> all = new ArrayList<>(transaction(1, 3, 200));
    publish(1);
    AtomicBoolean isWriting = new AtomicBoolean(true);
    List<String> wrong = Collections.synchronizedList(new ArrayList<>());
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      readers.add(
          Thread.startVirtualThread(() -> {
            while (isWriting.get()) {
              List<String> read = readAll(Offset.SNAPSHOT_END);
              for (int n = 0; n < read.size(); n++) {
                int tx = n / 3 + 1;
                if (!read.get(n).startsWith("{\"n\":\"%d_%dx".formatted(tx, n % 3 * 2))) {
                  wrong.add(read.get(n));
                }
              }
              log.events(Offset.SNAPSHOT_END, 1 << 20);
            }
          }));
    }

    for (int tx = 2; tx <= 1000; tx++) {
      all.addAll(transaction(tx, 3, 200));
      publish(tx);
    }

    isWriting.set(false);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(wrong).isEmpty();
    assertThat(readAll(Offset.SNAPSHOT_END)).isEqualTo(expectedAfter(all, Offset.SNAPSHOT_END));
  }
}
