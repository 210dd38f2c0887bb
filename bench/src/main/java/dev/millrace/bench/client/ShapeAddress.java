package dev.millrace.bench.client;

import dev.millrace.protocol.Offset;

/** The paths by which the shape of a whole table is asked for. */
public record ShapeAddress(String table) {
  String now() {
    return shape() + "&offset=now";
  }

  public String initial() {
    return shape() + "&offset=-1";
  }

  public String from(String handle, Offset offset) {
    return shape() + "&handle=" + handle + "&offset=" + offset;
  }

  public String live(LiveMode mode, String handle, Offset offset, String cursor) {
    return from(handle, offset) + "&live=true" + mode.parameter() + "&cursor=" + cursor;
  }

  private String shape() {
    return "/v1/shape?table=" + table;
  }
}
