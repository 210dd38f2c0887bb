package dev.millrace.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Three devices of two users, a server and the ways between, all on one thread and out of one seed:
 * what is written, what fails, who ends in the middle of what. After every step every invariant is
 * checked ({@link SimulatedDevice#check}); in the end faults stop, and all have to come to the
 * same.
 */
final class Simulation implements AutoCloseable {

  private static final int STEPS = 160;
  private static final Duration LONG_ENOUGH = Duration.ofHours(3);

  private final Random random;
  private final SimulatedTime time = new SimulatedTime();
  private final ModelServer server;
  private final List<SimulatedDevice> devices = new ArrayList<>();
  private final SimulatedDisk disk;
  private final Path folder;

  Simulation(long seed) {
    random = new Random(seed);
    disk = new SimulatedDisk(seed % 16 != 0);
    Map<String, ModelServer.Answer> cache = new HashMap<>();
    server = new ModelServer(random);
    try {
      Path memory = Path.of("/dev/shm");
      folder =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "millrace-simulation-")
              : Files.createTempDirectory("millrace-simulation-");
      for (String name : List.of("ada-phone", "ada-desk", "grace")) {
        Path own = Files.createDirectories(folder.resolve(name));
        String user = name.startsWith("ada") ? "ada" : "grace";
        devices.add(new SimulatedDevice(name, user, own, disk, time, server, random, cache));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs it all. */
  void run() {
    devices.forEach(SimulatedDevice::start);
    devices.forEach(this::signInIfRunning);
    for (int step = 0; step < STEPS; step++) {
      SimulatedDevice device = devices.get(random.nextInt(devices.size()));
      act(device);
      device.hasCrashed();
      device.check();
      pass(Duration.ofMillis(random.nextInt(random.nextInt(20) == 0 ? 90_000 : 800)));
    }
    settle();
  }

  private void signInIfRunning(SimulatedDevice device) {
    if (device.isRunning() && device.isGuest() && random.nextInt(4) > 0) {
      device.signIn();
    }
  }

  private void act(SimulatedDevice device) {
    int choice = random.nextInt(100);
    if (choice < 10) {
      server.edit(ModelServer.TABLES.get(random.nextInt(ModelServer.TABLES.size())), device.user());
    } else if (choice < 14) {
      String table = ModelServer.TABLES.get(random.nextInt(ModelServer.TABLES.size()));
      switch (random.nextInt(4)) {
        case 0, 1 -> server.drop(table, device.user());
        case 2 -> server.supersede(table, device.user());
        default -> server.dropSuperseded();
      }
      devices.forEach(one -> one.network().wake());
    } else if (choice < 18) {
      device.weather().faults = random.nextBoolean() ? 0 : random.nextInt(60);
      server.retries = random.nextBoolean() ? 0 : random.nextInt(40);
    } else if (choice < 21) {
      device.weather().isOffline = !device.weather().isOffline;
    } else if (choice < 23) {
      device.jumpClock();
    } else if (choice < 26) {
      device.expireToken();
    } else if (!device.isRunning()) {
      device.start();
    } else if (choice < 30) {
      device.kill();
    } else if (choice < 36) {
      device.crashSoon();
    } else if (choice < 38) {
      device.closeCleanly();
    } else if (choice < 44) {
      if (device.isGuest()) {
        if (random.nextInt(3) == 0) {
          device.write();
          device.crashSoon();
        }
        if (device.isRunning()) {
          device.signIn();
        }
      } else if (choice < 41) {
        device.signOut();
      }
    } else if (choice < 50) {
      device.attendToDeadLetters(false);
    } else {
      device.write();
    }
  }

  /** Lets time pass, task by task. */
  private void pass(Duration duration) {
    long end = time.nanos() + duration.toNanos();
    while (time.nanos() < end) {
      if (server.hasToShow() && random.nextInt(4) == 0) {
        server.show();
        devices.forEach(device -> device.network().wake());
      }
      try {
        if (!time.step(end)) {
          return;
        }
      } catch (CrashingSqlite.Crash crash) {
        // Told below from the one that it happened to.
      }
      for (SimulatedDevice device : devices) {
        if (device.owns(time.lastLane()) && !device.hasCrashed()) {
          device.check();
        }
      }
    }
  }

  /** Faults stop, and everybody is given time. */
  private void settle() {
    server.retries = 0;
    for (SimulatedDevice device : devices) {
      device.weather().faults = 0;
      device.weather().isOffline = false;
      device.hasCrashed();
      if (device.isRunning()) {
        device.kill(); // Whatever it was about to crash at.
      }
      device.start();
      if (device.isGuest()) {
        device.signIn();
      }
    }
    long end = time.nanos() + LONG_ENOUGH.toNanos();
    while (!devices.stream().allMatch(SimulatedDevice::isQuiet)) {
      if (time.nanos() > end) {
        throw new AssertionError("no end is in sight:\n" + describe());
      }
      devices.forEach(device -> device.attendToDeadLetters(true));
      pass(Duration.ofSeconds(1));
      server.show();
      devices.forEach(device -> device.network().wake());
    }
    devices.forEach(SimulatedDevice::checkEnd);
  }

  String describe() {
    StringBuilder text = new StringBuilder();
    devices.forEach(device -> text.append(device.describe()).append('\n'));
    return text.toString();
  }

  @Override
  public void close() {
    devices.forEach(device -> {
      if (device.isRunning()) {
        device.kill();
      }
    });
    disk.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
