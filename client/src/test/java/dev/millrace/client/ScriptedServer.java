package dev.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.client.store.Entity;
import dev.millrace.client.transport.HttpCall;
import dev.millrace.client.transport.HttpHead;
import dev.millrace.client.transport.Transport;
import dev.millrace.protocol.Offset;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * A server that does what a scenario says: it keeps each batch until the scenario answers it, and
 * tells of streams what was scripted. One thread.
 */
final class ScriptedServer {

  /** Batches that have arrived, and nobody has looked at. */
  final Deque<Request> batches = new ArrayDeque<>();

  /** All requests that have arrived. */
  int requests;

  private final Map<String, ScriptedShape> shapes = new LinkedHashMap<>();

  ScriptedServer(List<Entity> entities, ScenarioValues values) {
    entities.forEach(entity -> shapes.put(entity.table(), new ScriptedShape(entity, values)));
  }

  ScriptedShape shape(String entity) {
    ScriptedShape shape = shapes.get(entity);
    if (shape == null) {
      throw new AssertionError("not an entity of this scenario: " + entity);
    }
    return shape;
  }

  /** The process that had sent them is no more. */
  void forgetRequests() {
    batches.clear();
    shapes.values().forEach(ScriptedShape::forget);
  }

  /** A request under way. */
  static final class Request {

    final HttpCall call;
    final ModelServer.Asked asked;
    final boolean isStream;
    Offset told;
    private final Transport.Listener listener;
    private final SimulatedTime.Lane lane;
    private boolean hasBegun;
    private boolean isOver;

    Request(HttpCall call, Transport.Listener listener, SimulatedTime.Lane lane) {
      this.call = call;
      this.listener = listener;
      this.lane = lane;
      boolean isWrite = call.method().equals("POST");
      this.asked =
          isWrite
              ? new ModelServer.Asked("", Offset.BEFORE_ALL, "", false, false)
              : ModelServer.Asked.of(call.uri());
      this.isStream = asked.isStream();
      this.told = asked.offset();
    }

    boolean isOver() {
      return isOver;
    }

    boolean hasBegun() {
      return hasBegun;
    }

    /** Whose token it carries, and the which. */
    String authorization() {
      return call.headers().getOrDefault("authorization", "");
    }

    private void later(Runnable work) {
      lane.execute(() -> {
        if (!isOver) {
          work.run();
        }
      });
    }

    void after(Duration delay, Runnable work) {
      lane.after(
          delay,
          () -> {
            if (!isOver) {
              work.run();
            }
          });
    }

    void begin(Map<String, String> headers) {
      if (!hasBegun) {
        hasBegun = true;
        later(() -> listener.onHead(new HttpHead(200, headers)));
      }
    }

    void body(byte[] piece) {
      later(() -> listener.onBody(piece));
    }

    void end() {
      later(() -> {
        isOver = true;
        listener.onEnd();
      });
    }

    void answer(int status, Map<String, String> headers, String body) {
      later(() -> listener.onHead(new HttpHead(status, headers)));
      body(body.getBytes(UTF_8));
      end();
    }

    void fail(String reason) {
      later(() -> {
        isOver = true;
        listener.onFailure(reason);
      });
    }
  }

  /** The way there for a process whose tasks run on {@code lane}. */
  Transport wayOn(SimulatedTime.Lane lane) {
    return new Transport() {
      @Override
      public Exchange send(HttpCall call, Listener listener, Executor executor) {
        Request request = new Request(call, listener, lane);
        request.later(() -> arrive(request));
        return () -> request.isOver = true;
      }

      @Override
      public void close() {
        forgetRequests();
      }
    };
  }

  private void arrive(Request request) {
    requests++;
    if (request.call.method().equals("POST")) {
      batches.add(request);
    } else {
      shape(request.asked.table()).arrive(request);
    }
  }
}
