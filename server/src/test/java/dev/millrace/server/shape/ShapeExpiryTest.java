package dev.millrace.server.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.ShapeHandle;
import dev.millrace.server.postgres.PgSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShapeExpiryTest {

  private static final long NOW = 1_000_000_000;
  private static final long LONG_AGO = NOW - 100_000;

  @TempDir private Path folder;

  private Journal journal;

  @BeforeEach
  void open() {
    journal = Journal.open(folder.resolve("journal"));
    journal.recover((shape, batch) -> {});
  }

  @AfterEach
  void close() {
    journal.close();
  }

  private Shape shape(int number, long usedAt) throws IOException {
    Path own = folder.resolve("shape-" + number);
    var context = new ShapeLog.LogContext(journal, new HotMessages(1), new ChunkSealer(), 1);
    Shape shape =
        new Shape(
            number,
            ShapeHandle.of(number, Instant.EPOCH),
            new ShapeDefinition(
                new Projection(
                    number,
                    new RelationName("public", "t"),
                    false,
                    List.of(),
                    List.of(),
                    List.of(),
                    true,
                    ShapeDefinition.Replica.DEFAULT,
                    ShapeDefinition.LogMode.FULL,
                    Optional.empty()),
                Optional.empty()),
            own,
            Snapshot.restore(own.resolve("snapshot"), 0, 0),
            new ShapeLog(number, context, own.resolve("log")));
    shape.restored(
        new ShapeFile(
            number,
            shape.handle(),
            shape.definition(),
            List.of(),
            new PgSnapshot(1, 1, List.of(), 0),
            0,
            0,
            new Footing(Set.of(), Set.of(), Map.of(), Map.of()),
            Optional.empty()));
    shape.used(usedAt);
    return shape;
  }

  @Test
  void nothingGoesWhileThereAreNotTooMany() throws IOException {
    List<Shape> shapes = List.of(shape(1, LONG_AGO), shape(2, LONG_AGO));

    assertThat(new ShapeExpiry(2).surplus(shapes, NOW)).isEmpty();
  }

  @Test
  void theOnesNobodyHasUsedForLongestGo() throws IOException {
    Shape first = shape(1, LONG_AGO - 3);
    Shape second = shape(2, LONG_AGO - 5);
    Shape third = shape(3, LONG_AGO - 4);

    assertThat(new ShapeExpiry(1).surplus(List.of(first, second, third), NOW))
        .containsExactly(second, third);
  }

  @Test
  void aShapeThatSomebodyWaitsForStays() throws IOException {
    Shape waitedFor = shape(1, LONG_AGO - 9);
    Shape idle = shape(2, LONG_AGO);
    waitedFor.waiters().add(new Reader());

    assertThat(new ShapeExpiry(1).surplus(List.of(waitedFor, idle), NOW)).containsExactly(idle);
  }

  @Test
  void aShapeUsedAMomentAgoStays() throws IOException {
    List<Shape> shapes = List.of(shape(1, NOW - 10), shape(2, NOW));

    assertThat(new ShapeExpiry(1).surplus(shapes, NOW)).isEmpty();
  }

  @Test
  void aSupersededShapeGoesFirstAlsoWhenSomebodyWaitsForIt() throws IOException {
    Shape superseded = shape(1, NOW);
    Shape idle = shape(2, LONG_AGO);
    superseded.supersede(NOW);
    superseded.waiters().add(new Reader());

    assertThat(new ShapeExpiry(1).surplus(List.of(idle, superseded), NOW))
        .containsExactly(superseded);
  }

  @Test
  void aSupersededShapeGoesWhenNobodyHasUsedItForTenMinutes() throws IOException {
    long tenMinutesAgo = NOW - 10 * 60_000;
    Shape unused = shape(1, tenMinutesAgo);
    Shape used = shape(2, tenMinutesAgo + 1);
    Shape waitedFor = shape(3, tenMinutesAgo);
    Shape current = shape(4, tenMinutesAgo);
    List.of(unused, used, waitedFor).forEach(shape -> shape.supersede(tenMinutesAgo));
    waitedFor.waiters().add(new Reader());

    List<Shape> shapes = List.of(unused, used, waitedFor, current);
    assertThat(new ShapeExpiry(9).unusedSuperseded(shapes, NOW)).containsExactly(unused);
  }

  @Test
  void manyGoAFewAtATime() throws IOException {
    List<Shape> shapes = IntStream.range(0, 100).mapToObj(number -> idle(number)).toList();

    assertThat(new ShapeExpiry(10).surplus(shapes, NOW)).hasSize(ShapeExpiry.MOST_AT_ONCE);
  }

  private Shape idle(int number) {
    try {
      return shape(number, LONG_AGO);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private record Reader() implements Waiters.Waiter {
    @Override
    public Executor executor() {
      return Runnable::run;
    }

    @Override
    public void wake() {
      throw new IllegalStateException("nothing happened");
    }
  }
}
