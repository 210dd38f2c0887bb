package dev.millrace.examples.library.desktop;

import dev.millrace.client.transport.HttpCall;
import dev.millrace.client.transport.HttpHead;
import dev.millrace.client.transport.Transport;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The way to the server, which a person can cut as a tunnel would. Any thread. */
final class NetworkSwitch {

  static final String REASON = "switched off here";

  private final Set<Crossing> crossings = ConcurrentHashMap.newKeySet();
  private volatile boolean isOn = true;

  boolean isOn() {
    return isOn;
  }

  void turn(boolean on) {
    isOn = on;
    if (!on) {
      crossings.forEach(Crossing::cut);
    }
  }

  Transport over(Transport way) {
    return new Transport() {
      @Override
      public Exchange send(HttpCall call, Listener listener, Executor executor) {
        Crossing crossing = new Crossing(listener, executor);
        crossings.add(crossing);
        if (isOn) {
          crossing.begin(way.send(call, crossing, executor));
        }
        if (!isOn) {
          crossing.cut(); // Also when it was switched off since.
        }
        return crossing;
      }

      @Override
      public void close() {
        way.close();
      }
    };
  }

  /** A request under way; its listener hears nothing after an end of whatever kind. */
  private final class Crossing implements Transport.Listener, Transport.Exchange {

    private final Transport.Listener listener;
    private final Executor executor;
    private volatile Transport.@Nullable Exchange exchange;
    private volatile boolean isOver;

    Crossing(Transport.Listener listener, Executor executor) {
      this.listener = listener;
      this.executor = executor;
    }

    void begin(Transport.Exchange begun) {
      exchange = begun;
      if (isOver) {
        begun.cancel();
      }
    }

    void cut() {
      executor.execute(() -> {
        if (!isOver) {
          cancel();
          listener.onFailure(REASON);
        }
      });
    }

    @Override
    public void cancel() {
      end();
      Transport.Exchange going = exchange;
      if (going != null) {
        going.cancel();
      }
    }

    private void end() {
      isOver = true;
      crossings.remove(this);
    }

    @Override
    public void onHead(HttpHead head) {
      if (!isOver) {
        listener.onHead(head);
      }
    }

    @Override
    public void onBody(byte[] piece) {
      if (!isOver) {
        listener.onBody(piece);
      }
    }

    @Override
    public void onEnd() {
      if (!isOver) {
        end();
        listener.onEnd();
      }
    }

    @Override
    public void onFailure(String reason) {
      if (!isOver) {
        end();
        listener.onFailure(reason);
      }
    }
  }
}
