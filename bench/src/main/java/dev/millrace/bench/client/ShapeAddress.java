package dev.millrace.bench.client;

import dev.millrace.protocol.Offset;

/**
 * The paths by which a shape is asked for.
 *
 * @param further parameters, each preceded by {@code &}
 */
public record ShapeAddress(String table, String further) {

  /** The shape of a whole table. */
  public ShapeAddress(String table) {
    this(table, "");
  }

  /** The later changes to the rows of one owner. */
  public static ShapeAddress ofOwner(String table, String owner) {
    return new ShapeAddress(
        table, "&log=changes_only&where=owner%20%3D%20%241&params%5B1%5D=" + owner);
  }

  public String now() {
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
    return "/v1/shape?table=" + table + further;
  }
}
