package other;

public enum Status {
  OPEN
}
