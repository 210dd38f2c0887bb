package dev.millrace.server.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.Offset;
import dev.millrace.server.postgres.PgSnapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

  private static final int SHAPE = 3;

  @TempDir private Path folder;

  private static Messages message(long tx, String text) {
    Messages.Builder builder = new Messages.Builder();
    builder.bytes().add("," + text);
    builder.ended(tx, 0);
    return builder.view();
  }

  private static Batch append(Journal journal, long tx, String text) {
    Messages messages = message(tx, text);
    var header = JournalRecord.BatchHeader.of(SHAPE, 0, false, 0, messages);
    return journal.append(header, messages);
  }

  private record Recovered(Journal journal, List<String> texts) {}

  private Recovered recover() {
    Journal journal = Journal.open(folder);
    List<String> texts = new ArrayList<>();
    journal.recover((shape, batch) -> {
      assertThat(shape).isEqualTo(SHAPE);
      batch.segment().retain();
      texts.add(StandardCharsets.UTF_8.decode(batch.load().run()).toString().substring(1));
    });
    return new Recovered(journal, texts);
  }

  @Test
  void whatWasCommittedIsThereAfterAReopenAndTheRestIsNot() {
    Journal journal = recover().journal();
    append(journal, 10, "one");
    append(journal, 10, "two");
    journal.commit(11);
    append(journal, 20, "never committed");
    journal.close();

    Recovered again = recover();

    assertThat(again.texts()).containsExactly("one", "two");
    assertThat(again.journal().committedPosition()).isEqualTo(11);
    again.journal().close();
  }

  @Test
  void aTransactionThatBrokeOffIsNotMadeGoodByALaterCommit() {
    Journal journal = recover().journal();
    append(journal, 10, "one");
    journal.commit(11);
    append(journal, 20, "broken off");
    journal.reset();
    append(journal, 20, "sent again");
    journal.commit(21);
    journal.close();

    Recovered again = recover();

    assertThat(again.texts()).containsExactly("one", "sent again");
    again.journal().close();
  }

  @Test
  void aRestartInTheMiddleOfATransactionVoidsItForEver() {
    Journal journal = recover().journal();
    append(journal, 10, "one");
    journal.commit(11);
    // Large enough to leave the buffer for the file.
    append(journal, 20, "x".repeat(2 << 20));
    append(journal, 20, "y");
    journal.close();

    Journal second = recover().journal();
    append(second, 30, "two");
    second.commit(31);
    second.close();

    Recovered third = recover();
    assertThat(third.texts()).containsExactly("one", "two");
    third.journal().close();
  }

  @Test
  void aFileCutAnywhereGivesAPrefixOfWholeCommits() throws IOException {
    Random random = new Random(11);
    Journal journal = recover().journal();
    int perCommit = 3;
    for (int tx = 1; tx <= 20; tx++) {
      for (int i = 0; i < perCommit; i++) {
        append(journal, tx, tx + "-" + i + "x".repeat(random.nextInt(50)));
      }
      journal.commit(tx);
    }
    journal.close();
    Path file = onlyFile();
    byte[] whole = Files.readAllBytes(file);

    for (int i = 0; i < 200; i++) {
      deleteAll();
      int cut = random.nextInt(whole.length + 1);
      Files.write(file, java.util.Arrays.copyOf(whole, cut));
      if (random.nextBoolean() && cut > 0) {
        flipOneBit(file, random.nextInt(cut), random);
      }

      Recovered recovered = recover();

      long position = recovered.journal().committedPosition();
      assertThat(recovered.texts()).hasSize((int) position * perCommit);
      recovered.journal().close();
    }
  }

  private static void flipOneBit(Path file, int at, Random random) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int value = bytes.read();
      bytes.seek(at);
      bytes.write(value ^ 1 << random.nextInt(8));
    }
  }

  private Path onlyFile() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findFirst().orElseThrow();
    }
  }

  private void deleteAll() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void whatIsCommittedBecomesDurable() {
    Journal journal = recover().journal();
    append(journal, 10, "one");
    journal.commit(11);

    Awaitility.await().until(() -> journal.durablePosition() == 11);
    journal.close();
  }

  @Test
  void segmentsAreDeletedOnceNobodyWantsTheirBatches() {
    Journal journal = recover().journal();
    String large = "x".repeat(1 << 20);
    List<Batch> wanted = new ArrayList<>();
    for (int tx = 1; tx <= 200; tx++) {
      wanted.add(append(journal, tx, large));
      journal.commit(tx);
    }
    int before = journal.segmentCount();
    wanted.forEach(batch -> batch.segment().release());

    for (int tx = 201; tx <= 270; tx++) {
      append(journal, tx, large).segment().release();
      journal.commit(tx);
    }

    assertThat(before).isGreaterThan(3);
    assertThat(journal.segmentCount()).isLessThanOrEqualTo(2);
    journal.close();
    Recovered again = recover();
    assertThat(again.journal().committedPosition()).isEqualTo(270);
    again.journal().close();
  }

  @Test
  void aBatchKnowsItsOffsets() {
    Journal journal = recover().journal();

    Batch batch = append(journal, 10, "one");

    assertThat(batch.first()).isEqualTo(new Offset(10, 0));
    assertThat(batch.last()).isEqualTo(new Offset(10, 0));
    journal.close();
  }

  @Test
  void aSegmentThatNobodyWantsIsDeletedAlsoWhenItIsTheLast() throws IOException {
    Journal journal = recover().journal();
    List<Batch> batches = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      batches.add(append(journal, 10L * i, "x".repeat(100_000)));
    }
    journal.commit(1_000);
    journal.tidy();
    assertThat(size()).isGreaterThan(2_000_000);

    batches.forEach(batch -> batch.segment().release());
    journal.tidy();

    assertThat(size()).isLessThan(1_000);
    journal.close();
    Recovered again = recover();
    assertThat(again.texts()).isEmpty();
    assertThat(again.journal().committedPosition()).isEqualTo(1_000);
    again.journal().close();
  }

  @Test
  void theLastTransactionsAreKnownAfterAReopenUntilASnapshotSeesThem() {
    Journal journal = recover().journal();
    journal.recent().addAll(new int[] {7, 9});
    journal.commit(10);
    journal.recent().add(11);
    journal.commit(20);
    journal.close();

    Recovered again = recover();

    RecentTransactions recent = again.journal().recent();
    assertThat(recent.from(0)).containsExactly(7, 9, 11);
    assertThat(recent.isAnyMissingIn(new PgSnapshot(9, 12, List.of(9L), 1), 3)).isTrue();
    assertThat(recent.isAnyMissingIn(new PgSnapshot(12, 12, List.of(), 1), 3)).isFalse();
    assertThat(recent.from(0)).isEmpty();
    again.journal().close();
  }

  @Test
  void transactionsOfAnotherHistoryAreForgotten() {
    Journal journal = recover().journal();
    journal.recent().add(7);
    journal.commit(10);
    journal.skipTo(5);
    journal.close();

    Recovered again = recover();

    assertThat(again.journal().recent().from(0)).isEmpty();
    assertThat(again.journal().committedPosition()).isEqualTo(5);
    again.journal().close();
  }

  private Journal openOn(FailingDisk disk) {
    Journal journal = Journal.open(folder, disk);
    journal.recover((shape, batch) -> {});
    append(journal, 10, "one");
    journal.commit(11);
    Awaitility.await().until(() -> journal.durablePosition() == 11);
    return journal;
  }

  @Test
  void whatCannotBeForcedIsNotDurableBeforeItCan() {
    FailingDisk disk = new FailingDisk();
    Journal journal = openOn(disk);

    disk.set(FailingDisk.Mood.FAILS);
    append(journal, 20, "two");
    journal.commit(21);
    Awaitility.await().until(() -> journal.failure() != null);
    assertThat(journal.durablePosition()).isEqualTo(11);

    disk.set(FailingDisk.Mood.WORKS);
    Awaitility.await().until(() -> journal.durablePosition() == 21);
    assertThat(journal.failure()).isNull();
    journal.close();
    Recovered again = recover();
    assertThat(again.texts()).containsExactly("one", "two");
    again.journal().close();
  }

  /** After a failure the kernel may say of lost pages that they are on disk. */
  @Test
  void whatTheKernelHasDroppedNeverBecomesDurable() {
    FailingDisk disk = new FailingDisk();
    Journal journal = openOn(disk);

    disk.set(FailingDisk.Mood.FAILS_AND_FORGETS);
    append(journal, 20, "two");
    journal.commit(21);
    Awaitility.await().until(() -> journal.failure() != null);
    disk.set(FailingDisk.Mood.WORKS);

    Awaitility.await()
        .until(() -> String.valueOf(journal.failure()).contains("restart the server"));
    assertThat(journal.durablePosition()).isEqualTo(11);
    journal.close();
    Recovered again = recover();
    assertThat(again.texts()).containsExactly("one");
    assertThat(again.journal().committedPosition()).isEqualTo(11);
    again.journal().close();
  }

  private long size() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
