package dev.millrace.bench.client;

import dev.millrace.protocol.Offset;
import java.io.IOException;

/** Where a client stands in a shape. */
public record ShapePosition(String handle, Offset offset) {

  /** The end of the shape's log at this moment. The shape is made when there is none. */
  public static ShapePosition now(HttpConnection connection, ShapeAddress address)
      throws IOException {
    ResponseHead head = connection.begin(address.now());
    connection.readBody(BodySink.DISCARD);
    return new ShapePosition(head.required("electric-handle"), head.offset());
  }
}
