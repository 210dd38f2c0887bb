package library;

public enum Status {
  DRAFT
}
