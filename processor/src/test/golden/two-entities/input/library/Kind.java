package library;

public enum Kind {
  BOOK
}
