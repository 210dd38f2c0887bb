package dev.millrace.protocol;

/**
 * A place in a JSON document (RFC 6901): {@code /changes/3/payload}; empty for the whole of it.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6901">RFC 6901</a>
 */
public record JsonPointer(String text) {

  public static final JsonPointer ROOT = new JsonPointer("");

  /** The member {@code name} of the object that is here. */
  public JsonPointer member(String name) {
    return new JsonPointer(text + '/' + name.replace("~", "~0").replace("/", "~1"));
  }

  /** The item {@code index} of the array that is here. */
  public JsonPointer item(int index) {
    return new JsonPointer(text + '/' + index);
  }

  @Override
  public String toString() {
    return text;
  }
}
