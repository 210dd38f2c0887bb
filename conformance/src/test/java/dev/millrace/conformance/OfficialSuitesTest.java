package dev.millrace.conformance;

import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packages from npm that applications are written with, each used as its manual says:
 * Electric's client, its React hooks and TanStack DB's collections, and the write buffer of the
 * pattern's first description. See {@code clients/suites}.
 */
@ExtendWith(OnePostgres.class)
final class OfficialSuitesTest {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "MILLRACE_CHUNK_BYTES", "10000",
          "MILLRACE_ENABLE_SHAPE_DELETION", "true",
          "MILLRACE_JWT_SECRET", Tokens.OURS.secret());

  @TestFactory
  List<DynamicNode> theOfficialClientsWorkUnchanged(
      LocalPostgres postgres, @TempDir Path data, @TempDir Path folder) throws Exception {
    WriteServer.createRoles(postgres);
    try (SyncedDatabase database = SyncedDatabase.start(postgres, data, SETTINGS)) {
      return NodeSuites.run(
          database.server().uri(),
          database,
          folder,
          "shape",
          "types",
          "refetch",
          "chunks",
          "event-stream",
          "subsets",
          "filters",
          "react",
          "collection",
          "filtered-collection",
          "writes");
    }
  }
}
