package dev.millrace.protocol;

import java.util.LinkedHashMap;

/** Members in the making, which their maker gives away and so need not be copied. */
final class FreshMembers extends LinkedHashMap<String, Json> {
  private static final long serialVersionUID = 1L;

  private static final int CAPACITY = 8;

  FreshMembers() {
    super(CAPACITY);
  }
}
