package dev.millrace.conformance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * What happens in one round: pure data, drawn from a seed. How the writers and the moves fall
 * together in time is left to chance.
 *
 * @param writers for each writer its transactions
 * @param moves in order
 */
record OracleRound(int number, List<List<OracleTransaction>> writers, List<Move> moves) {
  private static final int WRITERS = 3;
  private static final int TRANSACTIONS = 25;

  OracleRound {
    writers = List.copyOf(writers);
    moves = List.copyOf(moves);
  }

  /**
   * Something other than writing rows, done when the writers have done so many transactions.
   *
   * @param draw a number to choose a client with
   */
  record Move(int after, Act act, int draw) {}

  /** What is done to the system or to its clients. */
  sealed interface Act {
    /** A change of the tables. */
    record Reform(OracleReform reform) implements Act {}

    /** The server or Postgres is ended in some way, and started again. */
    record Strike(Blow blow) implements Act {}

    /** A new client begins to follow a shape, at offset {@code -1} or {@code now}. */
    record Begin(FollowedShape shape, StrictClient.Manner manner) implements Act {}

    /** A client stops; it keeps its rows and its place. */
    record Stop() implements Act {}

    /** A client that has stopped goes on from its place. */
    record Resume() implements Act {}

    /** A client goes away for good. */
    record Retire() implements Act {}
  }

  /** Ways for a process to end, or to stand still. */
  enum Blow {
    STOP_SERVER,
    KILL_SERVER,
    PAUSE_SERVER,
    STOP_POSTGRES,
    KILL_POSTGRES
  }

  int transactions() {
    return writers.stream().mapToInt(List::size).sum();
  }

  /** The next round, on tables as they are before it. */
  static OracleRound random(
      Random random, int number, List<OracleTable> before, LongSupplier fresh) {
    List<Act> acts = new ArrayList<>();
    List<OracleTable> tables = before;
    for (int i = 0; i < random.nextInt(3); i++) {
      OracleReform reform = OracleReform.random(random, tables, number * 10 + i);
      acts.add(new Act.Reform(reform));
      tables = reform.isCommitted() ? reform.tables() : tables;
    }
    List<OracleTable> after = tables;
    for (int i = random.nextInt(2); i < 2; i++) {
      acts.add(new Act.Strike(Blow.values()[random.nextInt(Blow.values().length)]));
    }
    for (int i = 0; i < 3; i++) {
      List<OracleTable> known = random.nextBoolean() ? before : after;
      acts.add(
          new Act.Begin(FollowedShape.random(random, known), StrictClient.Manner.random(random)));
    }
    acts.addAll(List.of(new Act.Stop(), new Act.Stop(), new Act.Resume(), new Act.Retire()));
    List<List<OracleTransaction>> writers = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      writers.add(transactions(random, before, after, fresh));
    }
    return new OracleRound(number, writers, moves(random, acts));
  }

  /** The later ones know the tables as they are after the round. */
  private static List<OracleTransaction> transactions(
      Random random, List<OracleTable> before, List<OracleTable> after, LongSupplier fresh) {
    List<OracleTransaction> transactions = new ArrayList<>();
    for (int i = 0; i < TRANSACTIONS; i++) {
      List<OracleTable> known = random.nextInt(TRANSACTIONS) < i ? after : before;
      transactions.add(OracleTransaction.random(random, known, fresh));
    }
    return transactions;
  }

  /** Reforms stay in order, because each is made of the tables that the one before leaves. */
  private static List<Move> moves(Random random, List<Act> acts) {
    List<Integer> times = new ArrayList<>();
    acts.forEach(act -> times.add(random.nextInt(WRITERS * TRANSACTIONS)));
    List<Act> reforms = acts.stream().filter(Act.Reform.class::isInstance).toList();
    List<Integer> reformTimes =
        times.subList(0, reforms.size()).stream().sorted(Comparator.naturalOrder()).toList();
    List<Move> moves = new ArrayList<>();
    for (int i = 0; i < acts.size(); i++) {
      int after = i < reforms.size() ? reformTimes.get(i) : times.get(i);
      moves.add(new Move(after, acts.get(i), random.nextInt(Integer.MAX_VALUE)));
    }
    // A stable sort: of two reforms at the same time the first stays first.
    moves.sort(Comparator.comparingInt(Move::after));
    return moves;
  }
}
