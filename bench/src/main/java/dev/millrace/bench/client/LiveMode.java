package dev.millrace.bench.client;

/** How a client waits for changes. */
public enum LiveMode {
  LONG_POLL("long poll", ""),
  EVENT_STREAM("SSE", "&live_sse=true");

  private final String label;
  private final String parameter;

  LiveMode(String label, String parameter) {
    this.label = label;
    this.parameter = parameter;
  }

  /** As it is called in reports. */
  public String label() {
    return label;
  }

  String parameter() {
    return parameter;
  }
}
