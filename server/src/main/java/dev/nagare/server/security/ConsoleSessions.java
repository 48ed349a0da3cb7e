package dev.nagare.server.security;

import dev.nagare.server.config.Scope;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Browsers that may do everything: those that came with the console's token, which works once. Safe
 * for any thread.
 */
final class ConsoleSessions {
  private static final Principal CONSOLE = new Principal("console", EnumSet.allOf(Scope.class));

  private final AtomicReference<@Nullable String> tokenHash;
  private final Set<String> sessions = ConcurrentHashMap.newKeySet();

  ConsoleSessions(@Nullable String token) {
    tokenHash = new AtomicReference<>(token == null ? null : TokenFile.hash(token));
  }

  /** Swaps the token for a session; null if it is not the token, or was used. */
  @Nullable String open(String token) {
    String hash = TokenFile.hash(token);
    String expected = tokenHash.get();
    if (!hash.equals(expected) || !tokenHash.compareAndSet(expected, null)) {
      return null;
    }
    String session = TokenFile.newToken();
    sessions.add(TokenFile.hash(session));
    return session;
  }

  @Nullable Principal principal(String session) {
    return sessions.contains(TokenFile.hash(session)) ? CONSOLE : null;
  }
}
