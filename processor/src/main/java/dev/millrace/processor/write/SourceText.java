package dev.millrace.processor.write;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of one class. In its body types stand between angle quotes, {@code «java.util.UUID»},
 * with an at sign where null is one of their values; they are imported, or written in full where
 * the name is taken. Lines that are too long are broken as the project's formatter breaks them. One
 * thread.
 */
final class SourceText {

  private static final int WIDTH = 100;
  private static final Pattern TYPE = Pattern.compile("«([^»]+)»");

  private static final Pattern CALL_OF_CALL =
      Pattern.compile("( *\\w+\\()(.*)\\)(\\.\\w+\\(\\)[);]*)");
  private static final Pattern SPACE = Pattern.compile(" ");

  private final String packageName;
  private final Map<String, String> imports = new TreeMap<>();
  private final Set<String> taken;

  /**
   * Begins a text.
   *
   * @param taken simple names that mean something else in this class
   */
  SourceText(String packageName, Set<String> taken) {
    this.packageName = packageName;
    this.taken = new TreeSet<>(taken);
  }

  /**
   * The whole file.
   *
   * @param doc what the class is, as plain text
   */
  String file(String doc, String body) {
    String resolved = javadoc(resolve(doc)) + resolve(body);
    String text =
        resolved.lines().flatMap(line -> broken(line).stream()).collect(Collectors.joining("\n"));
    String imported =
        imports.values().stream()
            .sorted()
            .map(name -> "import " + name + ";\n")
            .collect(Collectors.joining());
    String head = packageName.isEmpty() ? "" : "package " + packageName + ";\n\n";
    return head + imported + (imported.isEmpty() ? "" : "\n") + text + "\n";
  }

  /** A comment whose lines are filled. */
  private static String javadoc(String text) {
    if (text.length() + "/**  */".length() <= WIDTH) {
      return "/** " + text + " */\n";
    }
    StringBuilder filled = new StringBuilder("/**");
    int room = 0;
    for (String word : SPACE.splitAsStream(text).toList()) {
      if (word.length() + 1 > room) {
        filled.append("\n *");
        room = WIDTH - " *".length();
      }
      filled.append(' ').append(word);
      room -= word.length() + 1;
    }
    return filled.append("\n */\n").toString();
  }

  private String resolve(String body) {
    Matcher types = TYPE.matcher(body);
    return types.replaceAll(found -> Matcher.quoteReplacement(name(found)));
  }

  private String name(MatchResult found) {
    String type = found.group(1);
    return type.startsWith("@") ? nullable(name(type.substring(1))) : name(type);
  }

  /** The annotation stands before the last of the names, and in an array before its brackets. */
  private String nullable(String type) {
    String mark = "@" + name("org.jspecify.annotations.Nullable") + " ";
    int last = type.lastIndexOf('.') + 1;
    return type.substring(0, last) + mark + type.substring(last);
  }

  /** How a type is written here; an array's brackets stay, and so do the types around it. */
  private String name(String type) {
    if (type.indexOf('.') < 0) {
      return type;
    }
    String outer = outermost(type);
    String within = type.substring(outer.length());
    String simple = outer.substring(outer.lastIndexOf('.') + 1);
    String home = outer.substring(0, outer.lastIndexOf('.'));
    if ((home.equals("java.lang") || home.equals(packageName)) && !imports.containsKey(simple)) {
      taken.add(simple);
      return simple + within;
    }
    String known = imports.get(simple);
    if (known == null && !taken.contains(simple)) {
      imports.put(simple, outer);
      return simple + within;
    }
    return outer.equals(known) ? simple + within : type;
  }

  /** The name up to the first part that begins like a class. */
  private static String outermost(String type) {
    int at = 0;
    while (at < type.length()) {
      int dot = type.indexOf('.', at);
      if (dot < 0 || Character.isUpperCase(type.charAt(at))) {
        return dot < 0 ? type : type.substring(0, dot);
      }
      at = dot + 1;
    }
    return type;
  }

  /** A line that is too long as several: after an equals sign, then between arguments. */
  static List<String> broken(String line) {
    if (line.length() <= WIDTH || line.strip().startsWith("*") || line.strip().startsWith("/")) {
      return List.of(line);
    }
    String indent = line.substring(0, line.length() - line.stripLeading().length());
    int equals = line.indexOf(" = ");
    if (equals > 0) {
      List<String> lines = new ArrayList<>();
      lines.add(line.substring(0, equals + 2));
      lines.addAll(broken(indent + "    " + line.substring(equals + 3)));
      return lines;
    }
    Matcher chained = CALL_OF_CALL.matcher(line);
    if (chained.matches()) {
      List<String> lines =
          new ArrayList<>(within(chained.group(1), indent + "        ", chained.group(2), ")"));
      lines.add(indent + "    " + chained.group(3));
      return lines;
    }
    int open = line.indexOf('(');
    int close = line.lastIndexOf(')');
    return open < 0 || close < open
        ? List.of(line)
        : within(
            line.substring(0, open + 1),
            indent + "    ",
            line.substring(open + 1, close),
            line.substring(close));
  }

  /** Arguments on a line of their own, or one on each. */
  private static List<String> within(String start, String indent, String arguments, String end) {
    List<String> lines = new ArrayList<>();
    lines.add(start);
    if ((indent + arguments + end).length() <= WIDTH) {
      lines.add(indent + arguments + end);
      return lines;
    }
    List<String> each = arguments(arguments);
    for (int i = 0; i < each.size(); i++) {
      lines.addAll(broken(indent + each.get(i) + (i == each.size() - 1 ? end : ",")));
    }
    return lines;
  }

  /** Cut at the commas that stand in no brackets. */
  private static List<String> arguments(String text) {
    List<String> arguments = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '(' || c == '<') {
        depth++;
      } else if (c == ')' || (c == '>' && text.charAt(i - 1) != '-')) {
        depth--;
      } else if (c == ',' && depth == 0) {
        arguments.add(text.substring(start, i).strip());
        start = i + 1;
      }
    }
    arguments.add(text.substring(start).strip());
    return arguments;
  }

  /** Calls on {@code head}, on one line if it is short, else one on each. */
  static String chain(String indent, String start, String head, List<String> calls, String end) {
    String one = indent + start + head + String.join("", calls) + end;
    if (plain(one).length() <= WIDTH) {
      return one;
    }
    boolean isAssigned = start.endsWith("= ");
    String next = "    " + head + String.join("", calls) + end;
    if (isAssigned && plain(indent + next).length() <= WIDTH) {
      return indent + start.stripTrailing() + "\n" + indent + next;
    }
    String deeper = indent + (isAssigned ? "        " : "    ");
    String first =
        isAssigned
            ? indent + start.stripTrailing() + "\n" + indent + "    " + head
            : indent + start + head;
    return first
        + calls.stream().map(call -> "\n" + deeper + call).collect(Collectors.joining())
        + end;
  }

  /** About as long as it will be. */
  private static String plain(String text) {
    return TYPE.matcher(text)
        .replaceAll(found -> {
          String type = found.group(1);
          return type.substring(type.lastIndexOf('.') + 1);
        });
  }

  /** As a string in Java. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
