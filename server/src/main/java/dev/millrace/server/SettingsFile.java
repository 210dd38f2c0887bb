package dev.millrace.server;

import dev.millrace.protocol.InvalidName;
import dev.millrace.protocol.RelationName;
import dev.millrace.server.write.ConflictPolicy;
import dev.millrace.server.write.TablePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * What {@code millrace.yaml} says: settings by their names, and how writes to each table meet.
 *
 * <pre>
 * MILLRACE_PORT: 3000
 * tables:
 *   works: {conflicts: last-write-wins, column: updated_at}
 *   notes: {conflicts: keep-both, label: title, union: [tags]}
 * </pre>
 *
 * @param lines where each setting stands
 */
record SettingsFile(
    Map<String, String> values, Map<String, Integer> lines, Map<RelationName, TablePolicy> tables) {

  static final SettingsFile NONE = new SettingsFile(Map.of(), Map.of(), Map.of());

  private static final String TABLES = "tables";
  private static final TablePolicy MERGE =
      new TablePolicy(new ConflictPolicy.MergeFields(), Set.of());

  /** Reads a file and adds what is wrong with it, each with its line, to {@code problems}. */
  static SettingsFile read(Path file, List<String> problems) {
    Reader reader = new Reader(file.getFileName().toString(), problems);
    try {
      Optional<Node> root =
          new Compose(LoadSettings.builder().build()).composeString(Files.readString(file));
      return root.map(reader::read).orElse(NONE);
    } catch (IOException | YamlEngineException e) {
      problems.add(file + " cannot be read: " + e.getMessage());
      return NONE;
    }
  }

  /** {@code problem}, with the place in the file if it begins with a setting that stands there. */
  String located(String problem, Set<String> overridden) {
    String setting = problem.split(" ", 2)[0];
    Integer line = lines.get(setting);
    return line == null || overridden.contains(setting)
        ? problem
        : problem + " (line " + line + " of the file of settings)";
  }

  private static final class Reader {

    private final String file;
    private final List<String> problems;

    Reader(String file, List<String> problems) {
      this.file = file;
      this.problems = problems;
    }

    private void problem(Node at, String text) {
      problems.add("%s, line %d: %s.".formatted(file, line(at), text));
    }

    private static int line(Node node) {
      return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    SettingsFile read(Node root) {
      Map<String, String> values = new HashMap<>();
      Map<String, Integer> lines = new HashMap<>();
      Map<RelationName, TablePolicy> tables = new HashMap<>();
      members(root, "the file")
          .forEach((name, value) -> {
            if (name.equals(TABLES)) {
              members(value, TABLES).forEach((table, policy) -> table(table, policy, tables));
            } else if (Setting.isName(name)) {
              values.put(name, text(value));
              lines.put(name, line(value));
            } else {
              problem(value, "there is no setting '" + name + "'");
            }
          });
      return new SettingsFile(values, lines, tables);
    }

    /** The members of a mapping by name; whatever else it is, is a problem and has none. */
    private Map<String, Node> members(Node node, String what) {
      Map<String, Node> members = new LinkedHashMap<>();
      if (!(node instanceof MappingNode mapping)) {
        problem(node, what + " must be names with values");
        return members;
      }
      for (NodeTuple tuple : mapping.getValue()) {
        if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
          problem(tuple.getKeyNode(), "a name must be plain text");
        } else if (members.putIfAbsent(name.getValue(), tuple.getValueNode()) != null) {
          problem(name, "'" + name.getValue() + "' is there twice");
        }
      }
      return members;
    }

    /** A scalar, or a list of them with commas between. */
    private String text(Node node) {
      return switch (node) {
        case ScalarNode scalar -> scalar.getValue();
        case SequenceNode list ->
            list.getValue().stream().map(this::text).collect(Collectors.joining(","));
        default -> {
          problem(node, "must be a value or a list of values");
          yield "";
        }
      };
    }

    private void table(String name, Node node, Map<RelationName, TablePolicy> tables) {
      Map<String, Node> members = new LinkedHashMap<>(members(node, "table '" + name + "'"));
      Optional<Node> conflicts = Optional.ofNullable(members.remove("conflicts"));
      Set<String> union = union(members.remove("union"));
      ConflictPolicy policy =
          conflicts.map(kind -> policy(kind, members)).orElse(MERGE.conflicts());
      members.forEach((other, value) ->
          problem(value, "'%s' means nothing for table '%s'".formatted(other, name)));
      try {
        tables.put(RelationName.parse(name), new TablePolicy(policy, union));
      } catch (InvalidName e) {
        problem(node, e.reason());
      }
    }

    private Set<String> union(@Nullable Node node) {
      if (node == null) {
        return Set.of();
      }
      if (!(node instanceof SequenceNode list)) {
        problem(node, "'union' must be a list of columns");
        return Set.of();
      }
      Set<String> columns = new TreeSet<>();
      list.getValue().forEach(column -> columns.add(text(column)));
      return columns;
    }

    /** Takes out of {@code members} what the policy has of its own. */
    private ConflictPolicy policy(Node kind, Map<String, Node> members) {
      return switch (text(kind)) {
        case "merge-fields" -> new ConflictPolicy.MergeFields();
        case "reject-stale" -> new ConflictPolicy.RejectStale();
        case "last-write-wins" -> new ConflictPolicy.LastWriteWins(column(kind, members, "column"));
        case "keep-both" -> new ConflictPolicy.KeepBoth(column(kind, members, "label"));
        default -> {
          problem(
              kind,
              "'conflicts' must be merge-fields, last-write-wins, reject-stale or keep-both, not '%s'"
                  .formatted(text(kind)));
          yield MERGE.conflicts();
        }
      };
    }

    private String column(Node kind, Map<String, Node> members, String name) {
      Node column = members.remove(name);
      if (column == null || text(column).isBlank()) {
        problem(kind, "%s needs '%s', a column".formatted(text(kind), name));
        return "";
      }
      return text(column);
    }
  }
}
