package dev.millrace.dev;

import java.io.IOException;
import java.nio.file.AccessDeniedException;

/** Something a developer can mend. The message is a plain sentence, fit to be printed alone. */
public final class DevException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DevException(String message) {
    super(message);
  }

  DevException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Work with files and processes. */
  interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  /**
   * Does the work; what goes wrong with files and processes is said in one sentence, "Could not
   * (task): (why)".
   */
  static <T> T attempt(String task, Work<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw new DevException("Could not " + task + ": " + reason(e) + ".", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DevException("Could not " + task + ": interrupted.", e);
    }
  }

  /** What the failure says, in words where it names only a file. */
  static String reason(IOException e) {
    return e instanceof AccessDeniedException denied
        ? "no permission for " + denied.getFile()
        : String.valueOf(e.getMessage());
  }
}
