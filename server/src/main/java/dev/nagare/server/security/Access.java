package dev.nagare.server.security;

import dev.nagare.server.config.Scope;
import dev.nagare.server.config.SecurityConfig;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells who a caller is and refuses what it may not do. A token that is not believed is refused
 * even where none is needed, since its owner thinks that it counts.
 *
 * <p>Safe for any thread.
 */
public final class Access {
  private final Principal anonymous;
  private final @Nullable Path tokenPath;
  private final @Nullable WebTokens webTokens;
  private final ConsoleSessions sessions;
  private final boolean knowsTokens;
  private volatile @Nullable TokenFile tokens;

  /**
   * Reads what the configuration names.
   *
   * @throws IOException that says what is wrong with which file
   */
  public Access(Vertx vertx, SecurityConfig config) throws IOException {
    this.anonymous = new Principal("", config.anonymous());
    this.tokenPath = config.tokens();
    this.webTokens = config.jwt() == null ? null : new WebTokens(vertx, config.jwt());
    this.sessions = new ConsoleSessions(config.consoleToken());
    this.knowsTokens = config.knowsTokens();
    reload();
  }

  /**
   * Reads the file of tokens again.
   *
   * @throws IOException if it is faulty; what was read before counts on
   */
  public void reload() throws IOException {
    if (tokenPath != null) {
      tokens = TokenFile.read(tokenPath);
    }
  }

  /** The file of tokens, if there is one. */
  public @Nullable Path tokenPath() {
    return tokenPath;
  }

  /**
   * Who calls.
   *
   * @param authorization the header, or the metadata of gRPC; null if there is none
   * @param session of a browser; null if there is none
   * @throws ProtocolException 401 for a token that is not believed
   */
  public Principal caller(@Nullable String authorization, @Nullable String session) {
    if (authorization != null) {
      return ofToken(bearer(authorization));
    }
    if (session != null) {
      Principal known = sessions.principal(session);
      if (known != null) {
        return known;
      }
    }
    return anonymous;
  }

  private static String bearer(String authorization) {
    int space = authorization.indexOf(' ');
    if (space < 0 || !authorization.substring(0, space).toLowerCase(Locale.ROOT).equals("bearer")) {
      throw new ProtocolException(
          401, "expected 'Authorization: Bearer TOKEN', got another scheme");
    }
    return authorization.substring(space + 1).strip();
  }

  private @Nullable Principal ofFile(String token) {
    TokenFile file = tokens;
    if (file == null) {
      return null;
    }
    String hash = TokenFile.hash(token);
    Principal found = file.ofHash(hash);
    return found == null ? null : found.whilst(() -> found.equals(now(hash)));
  }

  private @Nullable Principal now(String hash) {
    TokenFile file = tokens;
    return file == null ? null : file.ofHash(hash);
  }

  private Principal ofToken(String token) {
    Principal found = ofFile(token);
    if (found == null && webTokens != null && WebTokens.isOne(token)) {
      found = webTokens.principal(token);
    }
    if (found == null) {
      throw new ProtocolException(
          401,
          knowsTokens
              ? "the token is not known here, or not valid any more"
              : "a token was sent, but this server has none configured: leave it out, or name a file"
                  + " in auth.tokens");
    }
    return found;
  }

  /**
   * Refuses a caller that may not.
   *
   * @throws ProtocolException 401 if it showed no token, 403 if its token does not allow that
   */
  public void require(Principal caller, Scope scope) {
    if (caller.may(scope)) {
      return;
    }
    if (caller.isNamed()) {
      throw new ProtocolException(
          403,
          "expected a token with scope "
              + scope.word()
              + ", that of "
              + caller.name()
              + " lacks it");
    }
    throw new ProtocolException(
        knowsTokens ? 401 : 403,
        knowsTokens
            ? "expected a token with scope "
                + scope.word()
                + " in 'Authorization: Bearer TOKEN', got none"
            : "scope " + scope.word() + " is closed here: auth.tokens names no file of tokens");
  }

  /** A new token: 256 random bits. */
  public static String newToken() {
    return TokenFile.newToken();
  }

  /** Swaps the console's one-time token for a session; null if it is another one, or was used. */
  public @Nullable String openConsole(String token) {
    return sessions.open(token);
  }
}
