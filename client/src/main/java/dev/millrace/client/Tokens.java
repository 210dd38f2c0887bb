package dev.millrace.client;

import dev.millrace.client.transport.Scheduler;
import dev.millrace.client.transport.TokenSource;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks an application's supplier for tokens, on a thread where it may take its time, and tells the
 * answer on another. A token that is not the user's is as good as none: rows of one user must not
 * come into the store of another.
 */
record Tokens(TokenSupplier supplier, String user, Scheduler asking, Scheduler telling)
    implements TokenSource {

  @Override
  public void ask(boolean isRefresh, Consumer<Asked> answer) {
    asking.execute(() -> {
      Asked asked = ask(isRefresh);
      telling.execute(() -> answer.accept(asked));
    });
  }

  private Asked ask(boolean isRefresh) {
    try {
      Optional<String> token = supplier.token(isRefresh);
      if (token.isEmpty()) {
        return new Asked.Failed("there is no token");
      }
      return subject(token.get()).equals(Optional.of(user))
          ? new Asked.Ready(token)
          : new Asked.Failed("the token is another user's");
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return new Asked.Failed("no token is to be had: " + e);
    }
  }

  /** The claim {@code sub} of a token, unverified: the server verifies it. */
  static Optional<String> subject(String token) {
    String[] parts = token.split("\\.", -1);
    try {
      byte[] payload = Base64.getUrlDecoder().decode(parts.length > 1 ? parts[1] : "");
      return JsonReader.read(payload, JsonLimits.DEFAULT) instanceof Json.Members claims
              && claims.member("sub").orElse(Json.NULL) instanceof Json.Text(String subject)
          ? Optional.of(subject)
          : Optional.empty();
    } catch (IllegalArgumentException | InvalidJson e) {
      return Optional.empty();
    }
  }
}
