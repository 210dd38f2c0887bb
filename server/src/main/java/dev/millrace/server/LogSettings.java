package dev.millrace.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.LoggerFactory;

/**
 * What is logged, and how.
 *
 * @param level error, warn, info or debug
 * @param isJson an object a line with every field, instead of text for people
 */
public record LogSettings(String level, boolean isJson) {

  /** The appender's name in {@code logback.xml}. */
  private static final String CONSOLE = "console";

  /** Applies to the whole process from now on. */
  void apply() {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.toLevel(level));
    if (isJson && root.getAppender(CONSOLE) instanceof ConsoleAppender<ILoggingEvent> console) {
      JsonEncoder encoder = new JsonEncoder();
      encoder.setContext(root.getLoggerContext());
      encoder.setWithSequenceNumber(false);
      encoder.setWithContext(false);
      encoder.start();
      console.setEncoder(encoder);
    }
  }
}
