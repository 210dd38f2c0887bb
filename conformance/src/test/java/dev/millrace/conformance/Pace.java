package dev.millrace.conformance;

/**
 * How far writers may go: each transaction takes a turn, and the turns are given out in portions.
 */
final class Pace {
  private int given;
  private int taken;
  private boolean isOver;

  /** Lets writers go on until they have done {@code turns} in all. */
  synchronized void giveUntil(int turns) {
    given = Math.max(given, turns);
    notifyAll();
  }

  /** A writer has failed: nobody waits any more. */
  synchronized void giveUp() {
    isOver = true;
    notifyAll();
  }

  synchronized void awaitTurn() throws InterruptedException {
    while (taken >= given && !isOver) {
      wait();
    }
    taken++;
    notifyAll();
  }

  /** Waits until {@code turns} have been taken. */
  synchronized void awaitTaken(int turns) throws InterruptedException {
    while (taken < turns && !isOver) {
      wait();
    }
  }
}
