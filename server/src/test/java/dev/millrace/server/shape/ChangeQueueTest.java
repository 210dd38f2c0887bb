package dev.millrace.server.shape;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeQueueTest {

  @TempDir private Path folder;

  private static byte[] record(Random random) {
    byte[] record = new byte[random.nextInt(200)];
    random.nextBytes(record);
    return record;
  }

  @Test
  void recordsComeOutAsTheyWentInWhereverTheyLay() {
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      var budget = new ChangeQueue.Budget(1000);
      Queue<byte[]> expected = new ArrayDeque<>();
      try (ChangeQueue queue = new ChangeQueue(folder, budget);
          ChangeQueue other = new ChangeQueue(folder, budget)) {
        for (int step = 0; step < 5000; step++) {
          // Runs of one kind, so that it grows long and becomes empty.
          if (random.nextInt(1000) < (step / 500 % 2 == 0 ? 700 : 300)) {
            byte[] record = record(random);
            expected.add(record);
            queue.add(record);
            other.add(record(random));
          } else {
            assertThat(queue.poll()).as("seed %d, step %d", seed, step).isEqualTo(expected.poll());
            other.poll();
          }
        }
      }
    }
  }

  @Test
  void onlyWhatFitsIsInMemoryAndTheFileGoesWithTheQueue() throws Exception {
    ChangeQueue queue = new ChangeQueue(folder, new ChangeQueue.Budget(100));
    queue.add(new byte[100]);
    assertThat(folder).isEmptyDirectory();

    queue.add(new byte[1000]);

    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).singleElement().satisfies(file -> assertThat(file).hasSize(1004));
    }
    queue.close();
    assertThat(folder).isEmptyDirectory();
    assertThat(queue.poll()).isNull();
  }
}
