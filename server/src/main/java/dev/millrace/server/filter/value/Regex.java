package dev.millrace.server.filter.value;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression of Postgres' advanced kind, as far as it is regular: no back references, no
 * looking around, no options. Such an expression means one set of texts, whatever is greedy in it,
 * and whether a text contains one of them takes time in proportion to both lengths: all ways
 * through the expression are followed at once, character by character (Thompson, 1968).
 *
 * <p>Immutable; any thread.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-matching.html">Pattern
 *     matching</a>
 */
final class Regex {

  private static final int MAX_STATES = 2000;
  private static final int MAX_REPEATS = 255;

  /** Of a range of letters whose other case counts too, how many there may be. */
  private static final int MAX_FOLDED_RANGE = 2000;

  private static final Set<String> CLASSES =
      Set.of("alpha", "alnum", "digit", "lower", "upper", "space", "punct");

  private enum Kind {
    CHARACTER,
    EMPTY,
    START,
    END,
    WORD_START,
    WORD_END,
    WORD_EDGE,
    NO_WORD_EDGE,
    MATCH
  }

  /** A state; where it leads to is set while others are made. */
  private static final class State {
    private final int number;
    private final Kind kind;
    private final @Nullable Characters characters;
    private final List<State> next = new ArrayList<>(2);

    State(int number, Kind kind, @Nullable Characters characters) {
      this.number = number;
      this.kind = kind;
      this.characters = characters;
    }
  }

  /** A set of characters. */
  private record Characters(BitSet members, boolean isNegated) {
    boolean has(int character) {
      return members.get(character) != isNegated;
    }
  }

  /** A part of the machine, entered at one state and left by another. */
  private record Part(State in, State out) {}

  private final State start;
  private final int states;
  private final @Nullable BitSet word;

  private Regex(State start, int states, @Nullable BitSet word) {
    this.start = start;
    this.states = states;
    this.word = word;
  }

  /**
   * A regular expression; null if it is invalid or uses more than this class knows.
   *
   * @param folding if case does not count
   */
  static @Nullable Regex parse(
      String pattern, CharacterClasses classes, @Nullable CaseFolding folding) {
    try {
      return new Parser(pattern, classes, folding).regex();
    } catch (UnknownSyntax e) {
      return null;
    }
  }

  private static final class UnknownSyntax extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownSyntax() {
      super(null, null, false, false);
    }
  }

  private static final class Parser {

    private final int[] pattern;
    private final CharacterClasses classes;
    private final @Nullable CaseFolding folding;
    private int at;
    private int states;
    private int depth;
    private @Nullable BitSet word;

    Parser(String pattern, CharacterClasses classes, @Nullable CaseFolding folding) {
      this.pattern = pattern.codePoints().toArray();
      this.classes = classes;
      this.folding = folding;
    }

    Regex regex() throws UnknownSyntax {
      if (peek() == '*') {
        throw new UnknownSyntax();
      }
      Part whole = branches();
      if (at < pattern.length) {
        throw new UnknownSyntax();
      }
      whole.out.next.add(state(Kind.MATCH, null));
      return new Regex(whole.in, states, word);
    }

    private int peek() {
      return at < pattern.length ? pattern[at] : -1;
    }

    private int next() throws UnknownSyntax {
      if (at >= pattern.length) {
        throw new UnknownSyntax();
      }
      return pattern[at++];
    }

    private State state(Kind kind, @Nullable Characters characters) throws UnknownSyntax {
      if (states >= MAX_STATES) {
        throw new UnknownSyntax();
      }
      return new State(states++, kind, characters);
    }

    private Part single(Kind kind, @Nullable Characters characters) throws UnknownSyntax {
      State in = state(kind, characters);
      State out = state(Kind.EMPTY, null);
      in.next.add(out);
      return new Part(in, out);
    }

    private Part branches() throws UnknownSyntax {
      if (++depth > 50) {
        throw new UnknownSyntax();
      }
      State in = state(Kind.EMPTY, null);
      State out = state(Kind.EMPTY, null);
      do {
        Part branch = branch();
        in.next.add(branch.in);
        branch.out.next.add(out);
      } while (take('|'));
      depth--;
      return new Part(in, out);
    }

    private boolean take(int character) {
      boolean isThere = peek() == character;
      at += isThere ? 1 : 0;
      return isThere;
    }

    private Part branch() throws UnknownSyntax {
      Part whole = single(Kind.EMPTY, null);
      while (peek() >= 0 && peek() != '|' && peek() != ')') {
        Part piece = piece();
        whole.out.next.add(piece.in);
        whole = new Part(whole.in, piece.out);
      }
      return whole;
    }

    /** An atom with its quantifier; of a repeated one copies are made by reading it again. */
    private Part piece() throws UnknownSyntax {
      int start = at;
      Part atom = atom();
      int least = 1;
      int most = 1;
      switch (peek()) {
        case '*' -> {
          at++;
          least = 0;
          most = -1;
        }
        case '+' -> {
          at++;
          most = -1;
        }
        case '?' -> {
          at++;
          least = 0;
        }
        case '{' -> {
          if (at + 1 < pattern.length && isDigit(pattern[at + 1])) {
            at++;
            least = number();
            most = least;
            if (take(',')) {
              most = isDigit(peek()) ? number() : -1;
            }
            if (!take('}') || (most >= 0 && most < least)) {
              throw new UnknownSyntax();
            }
          } else {
            return atom;
          }
        }
        default -> {
          return atom;
        }
      }
      if (atom.in.kind != Kind.CHARACTER && atom.in.kind != Kind.EMPTY) {
        throw new UnknownSyntax();
      }
      take('?');
      int end = at;
      if (peek() == '*' || peek() == '+' || peek() == '?') {
        throw new UnknownSyntax();
      }
      Part repeated = repeated(start, least, most);
      at = end;
      return repeated;
    }

    private Part repeated(int start, int least, int most) throws UnknownSyntax {
      Part whole = single(Kind.EMPTY, null);
      for (int i = 0; i < least; i++) {
        whole = followed(whole, copy(start));
      }
      if (most < 0) {
        Part loop = copy(start);
        State exit = state(Kind.EMPTY, null);
        whole.out.next.add(loop.in);
        whole.out.next.add(exit);
        loop.out.next.add(whole.out);
        return new Part(whole.in, exit);
      }
      State exit = state(Kind.EMPTY, null);
      for (int i = least; i < most; i++) {
        whole.out.next.add(exit);
        whole = followed(whole, copy(start));
      }
      whole.out.next.add(exit);
      return new Part(whole.in, exit);
    }

    private static Part followed(Part first, Part second) {
      first.out.next.add(second.in);
      return new Part(first.in, second.out);
    }

    private Part copy(int start) throws UnknownSyntax {
      at = start;
      return atom();
    }

    private static boolean isDigit(int c) {
      return c >= '0' && c <= '9';
    }

    private int number() throws UnknownSyntax {
      int number = 0;
      while (isDigit(peek())) {
        number = number * 10 + next() - '0';
        if (number > MAX_REPEATS) {
          throw new UnknownSyntax();
        }
      }
      return number;
    }

    private Part atom() throws UnknownSyntax {
      int c = next();
      return switch (c) {
        case '(' -> group();
        case '[' -> single(Kind.CHARACTER, bracket());
        case '.' -> single(Kind.CHARACTER, new Characters(new BitSet(), true));
        case '^' -> single(Kind.START, null);
        case '$' -> single(Kind.END, null);
        case '\\' -> escape();
        case '*', '+', '?' -> throw new UnknownSyntax();
        case '{' -> {
          if (isDigit(peek())) {
            throw new UnknownSyntax();
          }
          yield single(Kind.CHARACTER, characters(c));
        }
        default -> single(Kind.CHARACTER, characters(c));
      };
    }

    private Part group() throws UnknownSyntax {
      if (take('?') && !take(':')) {
        throw new UnknownSyntax();
      }
      Part inner = branches();
      if (!take(')')) {
        throw new UnknownSyntax();
      }
      return inner;
    }

    private Characters characters(int character) {
      BitSet members = new BitSet();
      add(members, character);
      return new Characters(members, false);
    }

    private void add(BitSet members, int character) {
      if (folding == null) {
        members.set(character);
      } else {
        members.set(folding.lower(character));
        members.set(folding.upper(character));
      }
    }

    private Part escape() throws UnknownSyntax {
      int c = next();
      return switch (c) {
        case 'd' -> single(Kind.CHARACTER, new Characters(named("digit"), false));
        case 'D' -> single(Kind.CHARACTER, new Characters(named("digit"), true));
        case 's' -> single(Kind.CHARACTER, new Characters(named("space"), false));
        case 'S' -> single(Kind.CHARACTER, new Characters(named("space"), true));
        case 'w' -> single(Kind.CHARACTER, new Characters(wordCharacters(), false));
        case 'W' -> single(Kind.CHARACTER, new Characters(wordCharacters(), true));
        case 'A' -> single(Kind.START, null);
        case 'Z' -> single(Kind.END, null);
        case 'm' -> edge(Kind.WORD_START);
        case 'M' -> edge(Kind.WORD_END);
        case 'y' -> edge(Kind.WORD_EDGE);
        case 'Y' -> edge(Kind.NO_WORD_EDGE);
        default -> single(Kind.CHARACTER, characters(escaped(c)));
      };
    }

    private Part edge(Kind kind) throws UnknownSyntax {
      word = wordCharacters();
      return single(kind, null);
    }

    private BitSet wordCharacters() {
      BitSet members = (BitSet) classes.of("alnum").clone();
      members.set('_');
      return members;
    }

    private BitSet named(String name) {
      return classes.of(name);
    }

    /** Letters and digits behind a backslash have meanings, of which we know these. */
    private static int escaped(int c) throws UnknownSyntax {
      boolean isPlain = c < 0x80 && !isDigit(c) && !Character.isLetter(c);
      return switch (c) {
        case 'n' -> '\n';
        case 't' -> '\t';
        case 'r' -> '\r';
        case 'f' -> '\f';
        default -> {
          if (!isPlain) {
            throw new UnknownSyntax();
          }
          yield c;
        }
      };
    }

    private Characters bracket() throws UnknownSyntax {
      boolean isNegated = take('^');
      BitSet members = new BitSet();
      boolean isFirst = true;
      while (isFirst || peek() != ']') {
        isFirst = false;
        element(members);
      }
      at++;
      return new Characters(members, isNegated);
    }

    private void element(BitSet members) throws UnknownSyntax {
      int c = next();
      if (c == '[' && (peek() == ':' || peek() == '.' || peek() == '=')) {
        members.or(bracketClass());
        return;
      }
      if (c == '\\' && "dsw".indexOf(peek()) >= 0) {
        int name = next();
        members.or(name == 'w' ? wordCharacters() : named(name == 'd' ? "digit" : "space"));
        requireNoRange();
        return;
      }
      int from = c == '\\' ? escaped(next()) : c;
      boolean isRange = peek() == '-' && at + 1 < pattern.length && pattern[at + 1] != ']';
      if (!isRange) {
        add(members, from);
        return;
      }
      at++;
      int to = next();
      if (to == '[' && (peek() == ':' || peek() == '.' || peek() == '=')) {
        throw new UnknownSyntax();
      }
      range(members, from, to == '\\' ? escaped(next()) : to);
      requireNoRange();
    }

    private void requireNoRange() throws UnknownSyntax {
      if (peek() == '-' && at + 1 < pattern.length && pattern[at + 1] != ']') {
        throw new UnknownSyntax();
      }
    }

    private void range(BitSet members, int from, int to) throws UnknownSyntax {
      if (from > to || (folding != null && to - from > MAX_FOLDED_RANGE)) {
        throw new UnknownSyntax();
      }
      members.set(from, to + 1);
      for (int c = from; folding != null && c <= to; c++) {
        members.set(folding.lower(c));
        members.set(folding.upper(c));
      }
    }

    private BitSet bracketClass() throws UnknownSyntax {
      if (next() != ':') {
        throw new UnknownSyntax();
      }
      StringBuilder name = new StringBuilder();
      while (peek() != ':') {
        name.appendCodePoint(next());
      }
      at++;
      if (next() != ']' || !CLASSES.contains(name.toString())) {
        throw new UnknownSyntax();
      }
      boolean isCase = name.toString().equals("lower") || name.toString().equals("upper");
      requireNoRange();
      return named(isCase && folding != null ? "alpha" : name.toString());
    }
  }

  /** Whether some part of the text is one of those that the expression means. */
  boolean isIn(String text) {
    Run run = new Run(text);
    return run.matches();
  }

  /** All states that could have been reached, from place to place. */
  private final class Run {

    private final int[] text;
    private List<State> current = new ArrayList<>();
    private List<State> following = new ArrayList<>();

    /** The place, counted from 1, for which a state was last added. */
    private final int[] added = new int[states];

    Run(String text) {
      this.text = text.codePoints().toArray();
    }

    boolean matches() {
      for (int place = 0; place <= text.length; place++) {
        if (add(start, place, current)) {
          return true;
        }
        if (place == text.length) {
          break;
        }
        for (State state : current) {
          if (state.characters != null && state.characters.has(text[place])) {
            for (State next : state.next) {
              if (add(next, place + 1, following)) {
                return true;
              }
            }
          }
        }
        List<State> done = current;
        current = following;
        following = done;
        following.clear();
      }
      return false;
    }

    /** Adds a state with all that can be reached without a character; true if the end can. */
    private boolean add(State first, int place, List<State> to) {
      List<State> open = new ArrayList<>(List.of(first));
      while (!open.isEmpty()) {
        State state = open.removeLast();
        if (added[state.number] == place + 1) {
          continue;
        }
        added[state.number] = place + 1;
        switch (state.kind) {
          case MATCH -> {
            return true;
          }
          case CHARACTER -> to.add(state);
          default -> {
            if (holds(state.kind, place)) {
              open.addAll(state.next);
            }
          }
        }
      }
      return false;
    }

    private boolean holds(Kind kind, int place) {
      return switch (kind) {
        case START -> place == 0;
        case END -> place == text.length;
        case WORD_START -> !isWord(place - 1) && isWord(place);
        case WORD_END -> isWord(place - 1) && !isWord(place);
        case WORD_EDGE -> isWord(place - 1) != isWord(place);
        case NO_WORD_EDGE -> isWord(place - 1) == isWord(place);
        case EMPTY, CHARACTER, MATCH -> true;
      };
    }

    private boolean isWord(int place) {
      return word != null && place >= 0 && place < text.length && word.get(text[place]);
    }
  }
}
