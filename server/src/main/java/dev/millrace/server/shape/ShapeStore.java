package dev.millrace.server.shape;

import dev.millrace.protocol.ShapeHandle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders of shapes on disk: gives new shapes theirs, takes up the shapes that were there
 * before, removes what was dropped. Any thread, but {@link #restore} comes first.
 */
final class ShapeStore {

  private static final Logger log = LoggerFactory.getLogger(ShapeStore.class);

  private final Path root;
  private final Journal journal;
  private final ShapeLog.LogContext logContext;
  private final InstantSource clock;
  private final Runnable onDeletion;

  private final Projections projections = new Projections();
  private final AtomicInteger lastNumber = new AtomicInteger();

  /** Dropped shapes some of whose files are still there. */
  private final Set<Shape> undeleted = ConcurrentHashMap.newKeySet();

  /**
   * @param root has a folder for each shape
   * @param onDeletion told when files have gone
   */
  ShapeStore(Path root, ShapeLog.LogContext logContext, InstantSource clock, Runnable onDeletion) {
    this.root = root;
    this.journal = logContext.journal();
    this.logContext = logContext;
    this.clock = clock;
    this.onDeletion = onDeletion;
  }

  /** The same definition, which costs less memory if there are others like it. */
  ShapeDefinition sharing(ShapeDefinition definition) {
    return projections.sharing(definition);
  }

  /** A shape that nobody knows yet. */
  Shape create(ShapeDefinition definition) {
    int number = lastNumber.incrementAndGet();
    ShapeHandle handle = ShapeHandle.of(number, clock.instant());
    Path folder = root.resolve(handle.text());
    Shape shape =
        new Shape(
            number,
            handle,
            sharing(definition),
            folder,
            Snapshot.begin(folder.resolve("snapshot")),
            new ShapeLog(number, logContext, folder.resolve("log")));
    shape.used(clock.millis());
    return shape;
  }

  /** The shapes that were there before, each as it was, older ones before newer ones. */
  Collection<Shape> restore() throws IOException {
    Files.createDirectories(root);
    Map<Integer, Shape> restored = new TreeMap<>();
    for (Path folder : folders()) {
      restore(folder).ifPresent(shape -> restored.put(shape.number(), shape));
    }
    journal.recover((number, batch) -> {
      lastNumber.accumulateAndGet(number, Math::max);
      Shape shape = restored.get(number);
      if (shape != null) {
        shape.recovered(batch);
      }
    });
    return restored.values();
  }

  private List<Path> folders() throws IOException {
    try (Stream<Path> folders = Files.list(root)) {
      return folders.toList();
    }
  }

  private Optional<Shape> restore(Path folder) throws IOException {
    try {
      ShapeFile file = ShapeFile.read(folder);
      lastNumber.accumulateAndGet(file.number(), Math::max);
      Shape shape =
          new Shape(
              file.number(),
              file.handle(),
              sharing(file.definition()),
              folder,
              Snapshot.restore(
                  folder.resolve("snapshot"), file.snapshotChunks(), file.snapshotRows()),
              ShapeLog.restore(file.number(), logContext, folder.resolve("log")));
      shape.restored(file);
      shape.used(ShapeFile.lastUse(folder));
      return Optional.of(shape);
    } catch (IOException e) {
      log.info("removing the unfinished shape in {}: {}", folder.getFileName(), e.toString());
      Disk.delete(folder);
      return Optional.empty();
    }
  }

  /** Removes the files of a shape that was dropped, now or when it becomes possible. */
  void delete(Shape shape) {
    try {
      Disk.delete(shape.folder());
      undeleted.remove(shape);
      onDeletion.run();
    } catch (IOException e) {
      // A chunk may have been moved there meanwhile.
      log.info("cannot remove all files of shape {} yet: {}", shape.handle(), e.toString());
      undeleted.add(shape);
    }
  }

  /** Tries once more to remove what could not be removed. */
  void deleteLeftovers() {
    undeleted.forEach(this::delete);
  }

  /** Keeps on disk when the shape was used last, for the order after a restart. */
  static void noteUse(Shape shape) {
    try {
      ShapeFile.noteUse(shape.folder(), shape.usedAt());
    } catch (IOException e) {
      log.warn("cannot note the use of shape {}: {}", shape.handle(), e.toString());
    }
  }
}
