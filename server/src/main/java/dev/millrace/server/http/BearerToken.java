package dev.millrace.server.http;

import dev.millrace.server.auth.Authenticator;
import dev.millrace.server.auth.InvalidToken;
import dev.millrace.server.auth.Principal;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** The token of a request: the one of its one header, never from the address, which logs keep. */
final class BearerToken {

  private static final String SCHEME = "bearer ";

  private BearerToken() {}

  /**
   * Who sends a request with these headers; blocks.
   *
   * @throws InvalidToken if there is no token, more than one, or one that is not to be believed
   * @throws dev.millrace.server.auth.AuthUnavailable if nobody can be let in now
   */
  static Principal sender(HttpHeaders headers, Authenticator authenticator) throws InvalidToken {
    List<String> said = headers.getAll(HttpHeaderNames.AUTHORIZATION);
    if (said.size() != 1 || !said.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      authenticator.count(InvalidToken.Cause.MISSING);
      throw new InvalidToken(InvalidToken.Cause.MISSING);
    }
    return authenticator.authenticate(said.getFirst().substring(SCHEME.length()).strip());
  }
}
