package dev.millrace.bench.client;

import dev.millrace.protocol.Offset;

/**
 * The targets by which a shape is asked for ({@link Target}).
 *
 * @param further parameters, each preceded by {@code &}
 * @param headers each on a line of its own, with the break before it
 */
public record ShapeAddress(String table, String further, String headers) {

  /** The shape of a whole table. */
  public ShapeAddress(String table) {
    this(table, "", "");
  }

  /** The later changes to the rows that the user of a token may see. */
  public static ShapeAddress ofUser(String table, String token) {
    return new ShapeAddress(
        table, "&log=changes_only", Target.header("Authorization", "Bearer " + token));
  }

  /** The later changes to the rows of one owner. */
  public static ShapeAddress ofOwner(String table, String owner) {
    return new ShapeAddress(
        table, "&log=changes_only&where=owner%20%3D%20%241&params%5B1%5D=" + owner, "");
  }

  public String now() {
    return shape() + "&offset=now" + headers;
  }

  public String initial() {
    return shape() + "&offset=-1" + headers;
  }

  public String from(String handle, Offset offset) {
    return at(handle, offset) + headers;
  }

  public String live(LiveMode mode, String handle, Offset offset, String cursor) {
    return at(handle, offset) + "&live=true" + mode.parameter() + "&cursor=" + cursor + headers;
  }

  private String at(String handle, Offset offset) {
    return shape() + "&handle=" + handle + "&offset=" + offset;
  }

  private String shape() {
    return "/v1/shape?table=" + table + further;
  }
}
