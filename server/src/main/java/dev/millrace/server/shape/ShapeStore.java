package dev.millrace.server.shape;

import dev.millrace.protocol.ShapeHandle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

  /** How the names of folders begin that {@link #forgetAll} has put aside. */
  private static final String FORGOTTEN = "forgotten-";

  private final Path parent;
  private final Path root;
  private final Journal journal;
  private final ShapeLog.LogContext logContext;
  private final InstantSource clock;
  private final Runnable onDeletion;

  private final Projections projections = new Projections();
  private final AtomicInteger lastNumber = new AtomicInteger();

  /** Folders of dropped shapes in which some files are still there. */
  private final Set<Path> undeleted = ConcurrentHashMap.newKeySet();

  /**
   * @param parent has a folder of shapes, which has one for each
   * @param onDeletion told when files have gone
   */
  ShapeStore(
      Path parent, ShapeLog.LogContext logContext, InstantSource clock, Runnable onDeletion) {
    this.parent = parent;
    this.root = parent.resolve("shapes");
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
    for (Path forgotten : folders(parent)) {
      if (forgotten.getFileName().toString().startsWith(FORGOTTEN)) {
        Disk.delete(forgotten);
      }
    }
    Map<Integer, Shape> restored = new TreeMap<>();
    for (Path folder : folders(root)) {
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

  private static List<Path> folders(Path in) throws IOException {
    try (Stream<Path> folders = Files.list(in)) {
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
      log.atInfo()
          .addKeyValue("shape", folder.getFileName())
          .log("removing an unfinished shape: {}", e.toString());
      Disk.delete(folder);
      return Optional.empty();
    }
  }

  /**
   * Makes sure, in one step however many they are, that a restart finds none of the shapes that
   * there are now.
   */
  void forgetAll() throws IOException {
    Path forgotten = parent.resolve(FORGOTTEN + lastNumber.incrementAndGet());
    Files.move(root, forgotten, StandardCopyOption.ATOMIC_MOVE);
    Files.createDirectory(root);
    Disk.force(parent);
    undeleted.add(forgotten);
  }

  /** Removes the files of a shape that was dropped, now or when it becomes possible. */
  void delete(Shape shape) {
    delete(shape.folder());
  }

  private void delete(Path folder) {
    try {
      Disk.delete(folder);
      undeleted.remove(folder);
      onDeletion.run();
    } catch (IOException e) {
      // A chunk may have been moved there meanwhile.
      log.atInfo()
          .addKeyValue("shape", folder.getFileName())
          .log("cannot remove all files yet: {}", e.toString());
      undeleted.add(folder);
    }
  }

  /** Removes what was forgotten, and tries once more to remove what could not be removed. */
  void deleteLeftovers() {
    undeleted.forEach(this::delete);
  }

  /** Keeps on disk when the shape was used last, for the order after a restart. */
  static void noteUse(Shape shape) {
    try {
      ShapeFile.noteUse(shape.folder(), shape.usedAt());
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("shape", shape.handle())
          .addKeyValue("cause", "disk")
          .log("cannot note the use of a shape: {}", e.toString());
    }
  }
}
