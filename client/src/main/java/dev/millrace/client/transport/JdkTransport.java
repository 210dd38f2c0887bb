package dev.millrace.client.transport;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * HTTP by {@code java.net.http}: HTTP/2 where the server speaks it over TLS. Its threads are
 * daemons.
 */
@JvmOnly
public final class JdkTransport implements Transport {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);

  private final HttpClient http;

  private JdkTransport(HttpClient http) {
    this.http = http;
  }

  public static JdkTransport create() {
    return of(
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_LIMIT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build());
  }

  /** Over a client made elsewhere, with its proxy and its trust; closed with this. */
  public static JdkTransport of(HttpClient http) {
    return new JdkTransport(http);
  }

  @Override
  public Exchange send(HttpCall call, Listener listener, Executor executor) {
    HttpRequest.Builder request = HttpRequest.newBuilder(call.uri());
    call.headers().forEach(request::header);
    request.method(
        call.method(), call.body().map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody));
    Call running = new Call(listener, executor);
    running.follow(http.sendAsync(request.build(), running::begin));
    return running;
  }

  /** One request; {@code isOver} is touched by the listener's executor alone. */
  @JvmOnly
  private static final class Call implements Exchange, BodySubscriber<Void> {

    private final Listener listener;
    private final Executor executor;
    private final CompletableFuture<Void> body = new CompletableFuture<>();
    private volatile @Nullable CompletableFuture<HttpResponse<Void>> response;
    private volatile Flow.@Nullable Subscription subscription;
    private volatile boolean isCancelled;
    private boolean isOver;

    Call(Listener listener, Executor executor) {
      this.listener = listener;
      this.executor = executor;
    }

    void follow(CompletableFuture<HttpResponse<Void>> sent) {
      response = sent;
      var unused =
          sent.whenComplete((answer, failure) -> {
            if (failure != null) {
              onError(failure);
            }
          });
    }

    BodySubscriber<Void> begin(HttpResponse.ResponseInfo info) {
      Map<String, String> headers = new HashMap<>();
      info.headers()
          .map()
          .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
      HttpHead head = new HttpHead(info.statusCode(), headers);
      tell(() -> listener.onHead(head));
      return this;
    }

    private void tell(Runnable word) {
      executor.execute(() -> {
        if (!isOver && !isCancelled) {
          word.run();
        }
      });
    }

    @Override
    public CompletionStage<Void> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
      subscription = begun;
      if (isCancelled) {
        begun.cancel();
      } else {
        begun.request(1);
      }
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
      int length = pieces.stream().mapToInt(ByteBuffer::remaining).sum();
      byte[] all = new byte[length];
      int at = 0;
      for (ByteBuffer piece : pieces) {
        int size = piece.remaining();
        piece.get(all, at, size);
        at += size;
      }
      tell(() -> {
        listener.onBody(all);
        Flow.Subscription going = subscription;
        if (going != null) {
          going.request(1);
        }
      });
    }

    @Override
    public void onComplete() {
      body.complete(null);
      tell(() -> {
        isOver = true;
        listener.onEnd();
      });
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      tell(() -> {
        isOver = true;
        listener.onFailure(cause.toString());
      });
    }

    @Override
    public void cancel() {
      isCancelled = true;
      Flow.Subscription going = subscription;
      if (going != null) {
        going.cancel();
      }
      CompletableFuture<HttpResponse<Void>> waiting = response;
      if (waiting != null) {
        waiting.cancel(true);
      }
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
