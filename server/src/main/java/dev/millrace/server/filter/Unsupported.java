package dev.millrace.server.filter;

/** An expression that we cannot evaluate exactly, so Postgres has to. */
final class Unsupported extends Exception {

  private static final long serialVersionUID = 1L;

  Unsupported(String what) {
    super(what, null, false, false);
  }
}
