package dev.millrace.protocol;

/** A document that is no JSON, or not what was expected; the message is meant for the peer. */
public final class InvalidJson extends Exception {

  private static final long serialVersionUID = 1L;

  private final String place;
  private final String reason;

  /** Says what is wrong with what stands at {@code place}. */
  public InvalidJson(JsonPointer place, String reason) {
    super((place.text().isEmpty() ? "document" : place.text()) + ": " + reason, null, false, false);
    this.place = place.text();
    this.reason = reason;
  }

  /** Where it is wrong. */
  public JsonPointer place() {
    return new JsonPointer(place);
  }

  /** What is wrong there. */
  public String reason() {
    return reason;
  }
}
