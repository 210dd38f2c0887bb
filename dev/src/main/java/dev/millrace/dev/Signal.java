package dev.millrace.dev;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A Unix signal that can be sent to a process. */
enum Signal {
  INT,
  TERM,
  QUIT,
  KILL,
  STOP,
  CONT;

  void send(long pid) {
    send(List.of(pid));
  }

  /** Sends to all; one that has ended meanwhile is passed over. */
  void send(Collection<Long> pids) {
    // The shell's own kill: a small image may have no /bin/kill.
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "for p; do kill -" + name() + " $p; done", "sh"));
    pids.forEach(pid -> command.add(Long.toString(pid)));
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new DevException("Could not send SIG" + name() + " to " + pids + ".", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DevException("Interrupted while sending SIG" + name() + " to " + pids + ".", e);
    }
  }
}
