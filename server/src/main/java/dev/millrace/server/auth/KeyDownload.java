package dev.millrace.server.auth;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches a key set over HTTP, within a time that holds for all of it. Any thread. */
final class KeyDownload implements ResourceRetriever, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(KeyDownload.class);

  private static final long MAX_BYTES = 256 << 10;

  private final Duration limit;
  private final HttpClient http;
  private volatile boolean isFailing;

  KeyDownload(Duration limit) {
    this.limit = limit;
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(limit)
            .followRedirects(HttpClient.Redirect.NORMAL) // never from https to http
            .build();
  }

  /** Whether the last attempt was in vain. */
  boolean isFailing() {
    return isFailing;
  }

  @Override
  public Resource retrieveResource(URL url) throws IOException {
    try {
      Resource keys = fetch(url);
      if (isFailing) {
        log.info("the keys for tokens are there again at {}", url);
      }
      isFailing = false;
      return keys;
    } catch (IOException e) {
      if (!isFailing) {
        log.warn("the keys for tokens cannot be fetched from {}: {}", url, e.getMessage());
      }
      isFailing = true;
      throw e;
    }
  }

  private Resource fetch(URL url) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url.toString()))
            .header("accept", "application/json")
            .timeout(limit)
            .build();
    HttpResponse<String> response =
        await(http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_BYTES)));
    if (response.statusCode() != 200) {
      throw new IOException("answered " + response.statusCode());
    }
    try {
      JWKSet.parse(response.body());
    } catch (ParseException e) {
      throw new IOException("is no key set", e);
    }
    return new Resource(response.body(), response.headers().firstValue("content-type").orElse(""));
  }

  private <T> T await(CompletableFuture<T> answer) throws IOException {
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("took more than " + limit, e);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
