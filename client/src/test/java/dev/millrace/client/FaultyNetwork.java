package dev.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.client.transport.HttpCall;
import dev.millrace.client.transport.HttpHead;
import dev.millrace.client.transport.Transport;
import dev.millrace.protocol.Offset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executor;

/**
 * The way between one device and the model server: requests and answers take their time, are lost,
 * cut, repeated and overtaken, and some are answered by a server that is busy. One thread.
 */
final class FaultyNetwork implements Transport {

  private static final Duration LONG_POLL = Duration.ofSeconds(20);
  private static final Duration STREAM_LIFE = Duration.ofSeconds(60);

  /** What the world does to requests; all zero when faults have stopped. */
  static final class Weather {
    /** Of a hundred requests, how many meet a fault. */
    int faults;

    boolean isOffline;

    /** What answers all writes in the server's place. */
    Optional<ModelServer.Answer> proxy = Optional.empty();

    /** Requests go out, and nothing ever comes back. */
    boolean isSilent;

    /** What is read is answered by a server that is busy. */
    boolean isBusyForReaders;

    /** Event streams are ended as soon as they begin. */
    boolean endsStreams;

    /** Something keeps what comes of an event stream to itself, from its head on, until it ends. */
    boolean holdsStreams;

    /** The same, but for the head. */
    boolean holdsBodies;
  }

  /** Requests that arrived. */
  int requests;

  private final SimulatedTime.Lane lane;
  private final ModelServer server;
  private final Weather weather;
  private final Random random;
  private final TokenCheck tokens;
  private final Map<String, ModelServer.Answer> cache;
  private final List<Runnable> waiting = new ArrayList<>();

  /** Whose a token is, if it is good now. */
  interface TokenCheck {
    Optional<String> user(String authorization);
  }

  FaultyNetwork(
      SimulatedTime.Lane lane,
      ModelServer server,
      Weather weather,
      Random random,
      Map<String, ModelServer.Answer> cache,
      TokenCheck tokens) {
    this.lane = lane;
    this.server = server;
    this.weather = weather;
    this.random = random;
    this.cache = cache;
    this.tokens = tokens;
  }

  private final class Call {
    private final HttpCall call;
    private final Listener listener;
    private boolean isOver;

    Call(HttpCall call, Listener listener) {
      this.call = call;
      this.listener = listener;
    }

    void later(Runnable work) {
      lane.after(
          Duration.ofMillis(1 + random.nextInt(40)),
          () -> {
            if (!isOver) {
              work.run();
            }
          });
    }

    void fail(String reason) {
      later(() -> {
        isOver = true;
        listener.onFailure(reason);
      });
    }

    /** The answer on its way back. */
    void answer(ModelServer.Answer answer) {
      later(() -> {
        boolean isBad = isFaulty();
        int kind = random.nextInt(5);
        if (isBad && kind == 0) {
          isOver = true;
          listener.onFailure("the answer was lost");
          return;
        }
        if (isBad && kind == 1) {
          return; // It never comes, and nobody says so.
        }
        listener.onHead(new HttpHead(answer.status(), answer.headers()));
        byte[] body = answer.body().getBytes(UTF_8);
        int size = isBad ? random.nextInt(body.length + 1) : body.length;
        int middle = random.nextInt(size + 1);
        listener.onBody(Arrays.copyOfRange(body, 0, middle));
        later(() -> {
          listener.onBody(Arrays.copyOfRange(body, middle, size));
          isOver = true;
          if (isBad && kind == 2) {
            listener.onFailure("the answer was cut");
          } else {
            listener.onEnd(); // Perhaps cut too, by something that says nothing.
          }
        });
      });
    }
  }

  private boolean isFaulty() {
    return weather.isOffline || random.nextInt(100) < weather.faults;
  }

  @Override
  public Exchange send(HttpCall request, Listener listener, Executor executor) {
    Call call = new Call(request, listener);
    call.later(() -> arrive(call));
    return () -> call.isOver = true;
  }

  private void arrive(Call call) {
    requests++;
    if (weather.isSilent) {
      return;
    }
    if (weather.isBusyForReaders && !isWrite(call)) {
      call.answer(new ModelServer.Answer(503, Map.of("retry-after", "30"), "{\"code\":\"busy\"}"));
      return;
    }
    if (weather.proxy.isPresent() && isWrite(call)) {
      call.answer(weather.proxy.get());
      return;
    }
    if (weather.isOffline) {
      call.fail("no network");
      return;
    }
    boolean isTwice = false;
    if (isFaulty()) {
      switch (random.nextInt(5)) {
        case 0 -> {
          call.fail("the request was lost");
          return;
        }
        case 1 -> {
          call.answer(
              new ModelServer.Answer(503, Map.of("retry-after", "2"), "{\"code\":\"busy\"}"));
          return;
        }
        case 2 -> {
          call.answer(new ModelServer.Answer(502, Map.of(), "<html>bad gateway"));
          return;
        }
        case 3 -> {
          if (isWrite(call)) {
            // Delivered twice; the client hears of one of them.
            isTwice = true;
            tokens
                .user(authorization(call))
                .ifPresent(user -> server.write(call.call, user, false));
          }
        }
        default -> {
          // Only the answer meets one, perhaps.
        }
      }
    }
    Optional<String> user = tokens.user(authorization(call));
    if (user.isEmpty()) {
      call.answer(new ModelServer.Answer(401, Map.of(), "{\"code\":\"token_expired\"}"));
    } else if (isWrite(call)) {
      ModelServer.Answer answer = server.write(call.call, user.get(), !isTwice);
      call.answer(answer);
    } else {
      read(call, user.get());
    }
  }

  private static boolean isWrite(Call call) {
    return call.call.method().equals("POST");
  }

  private static String authorization(Call call) {
    return call.call.headers().getOrDefault("authorization", "");
  }

  private void read(Call call, String user) {
    ModelServer.Asked asked = ModelServer.Asked.of(call.call.uri());
    if (asked.isStream()) {
      stream(call, asked, user);
      return;
    }
    // A cache on the way has kept an answer, perhaps one to the user's other device.
    String address = kept(call.call.uri().toString()) + " " + user;
    if (!asked.isLive() && isFaulty() && cache.containsKey(address)) {
      call.answer(cache.getOrDefault(address, new ModelServer.Answer(500, Map.of(), "")));
      return;
    }
    Optional<ModelServer.Answer> answer = server.read(asked, user, false, isFaulty());
    if (answer.isPresent()) {
      if (!asked.isLive()) {
        cache.putIfAbsent(address, answer.get());
      }
      call.answer(answer.get());
      return;
    }
    long end = LONG_POLL.toNanos();
    waitFor(call, asked, user, end);
  }

  /** By which a cache knows an address; some think little of parameters that they do not know. */
  private String kept(String uri) {
    return random.nextInt(3) == 0 ? uri.replaceAll("&cache-buster=[^&]*", "") : uri;
  }

  private void waitFor(Call call, ModelServer.Asked asked, String user, long left) {
    boolean[] isAnswered = {false};
    Runnable look =
        () -> {
          if (!isAnswered[0] && !call.isOver) {
            server
                .read(asked, user, false, isFaulty())
                .ifPresent(answer -> {
                  isAnswered[0] = true;
                  call.answer(answer);
                });
          }
        };
    waiting.add(look);
    lane.after(
        Duration.ofNanos(left),
        () -> {
          waiting.remove(look);
          if (!isAnswered[0] && !call.isOver) {
            isAnswered[0] = true;
            server.read(asked, user, true, isFaulty()).ifPresent(call::answer);
          }
        });
  }

  /** The server shows more than before. */
  void wake() {
    List.copyOf(waiting).forEach(lane::execute);
  }

  private void stream(Call call, ModelServer.Asked asked, String user) {
    Optional<ModelServer.Shape> shape = server.shape(asked.handle());
    if (shape.isEmpty() || shape.get().isDead || !shape.get().user.equals(user)) {
      server.read(asked, user, false, isFaulty()).ifPresent(call::answer);
      return;
    }
    Map<String, String> headers = new HashMap<>();
    headers.put("content-type", "text/event-stream");
    headers.put("electric-handle", asked.handle());
    headers.put("electric-offset", asked.offset().toString());
    call.later(() -> {
      if (isFaulty() && random.nextInt(4) == 0) {
        isBuffered(call);
        return;
      }
      if (weather.holdsStreams || weather.holdsBodies) {
        held(call, new HttpHead(200, headers), asked, shape.get());
        return;
      }
      call.listener.onHead(new HttpHead(200, headers));
      if (weather.endsStreams) {
        call.isOver = true;
        call.listener.onEnd();
        return;
      }
      new Stream(call, shape.get(), asked.offset()).begin();
    });
  }

  /** A proxy that waits for the whole of it. */
  private void held(Call call, HttpHead head, ModelServer.Asked asked, ModelServer.Shape shape) {
    boolean isHeadHeld = weather.holdsStreams;
    if (!isHeadHeld) {
      call.listener.onHead(head);
    }
    lane.after(
        STREAM_LIFE,
        () -> {
          if (!call.isOver) {
            if (isHeadHeld) {
              call.listener.onHead(head);
            }
            new Stream(call, shape, asked.offset()).look();
            if (!call.isOver) {
              call.isOver = true;
              call.listener.onEnd();
            }
          }
        });
  }

  /** A proxy that knows no event streams. */
  private static void isBuffered(Call call) {
    call.isOver = true;
    call.listener.onHead(
        new HttpHead(200, Map.of("content-type", "text/html", "electric-handle", "none")));
    call.listener.onEnd();
  }

  private final class Stream {
    private final Call call;
    private final ModelServer.Shape shape;
    private Offset at;
    private boolean hasBegun;

    Stream(Call call, ModelServer.Shape shape, Offset at) {
      this.call = call;
      this.shape = shape;
      boolean isRepeating = at.tx() > 0 && isFaulty();
      this.at = isRepeating ? Offset.afterTransaction(at.tx() - 1) : at;
    }

    void begin() {
      Runnable look = this::look;
      waiting.add(look);
      lane.after(
          STREAM_LIFE,
          () -> {
            waiting.remove(look);
            end();
          });
      look();
    }

    private void end() {
      if (!call.isOver) {
        call.isOver = true;
        call.listener.onEnd();
      }
    }

    private void look() {
      if (call.isOver) {
        return;
      }
      if (shape.isDead) {
        end();
        return;
      }
      StringBuilder frames = new StringBuilder();
      long last = 0;
      for (ModelServer.Message message : server.messages(shape)) {
        if (ModelServer.isAfter(message, at)) {
          frames.append("data: ").append(message.json()).append("\n\n");
          last = message.lsn();
        }
      }
      if (last == 0 && hasBegun) {
        return;
      }
      hasBegun = true;
      at = last == 0 ? at : Offset.afterTransaction(last);
      frames
          .append("data: ")
          .append(ModelServer.upToDate(last == 0 ? server.visible() : last))
          .append("\n\n: keep-alive\n\n");
      byte[] bytes = frames.toString().getBytes(UTF_8);
      if (isFaulty()) {
        int size = random.nextInt(bytes.length);
        call.isOver = true;
        call.listener.onBody(Arrays.copyOfRange(bytes, 0, size));
        if (random.nextBoolean()) {
          call.listener.onFailure("the stream was cut");
        } else {
          call.listener.onEnd();
        }
        return;
      }
      int middle = random.nextInt(bytes.length);
      call.listener.onBody(Arrays.copyOfRange(bytes, 0, middle));
      call.listener.onBody(Arrays.copyOfRange(bytes, middle, bytes.length));
    }
  }

  @Override
  public void close() {
    waiting.clear();
  }
}
