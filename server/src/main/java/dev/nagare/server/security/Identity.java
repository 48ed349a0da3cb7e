package dev.nagare.server.security;

import dev.nagare.server.config.Scope;
import dev.nagare.streaming.protocol.ProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end. A connection that lasts looks again while it does, since a token may
 * expire or be taken back meanwhile. For one thread.
 */
public final class Identity {
  private final Access access;
  private final @Nullable String authorization;
  private final @Nullable String session;
  private Principal principal;

  /**
   * Looks for the first time.
   *
   * @param authorization the header; null if there is none
   * @param session of a browser; null if there is none
   * @throws ProtocolException 401 for a token that is not believed
   */
  public Identity(Access access, @Nullable String authorization, @Nullable String session) {
    this.access = access;
    this.authorization = authorization;
    this.session = session;
    this.principal = access.caller(authorization, session);
  }

  /** The caller, as known at the last look. */
  public Principal principal() {
    return principal;
  }

  /** The caller's name, as known at the last look; empty for one without a token. */
  public String name() {
    return principal.name();
  }

  /** Whether the caller may, as known at the last look. */
  public boolean may(Scope scope) {
    return principal.may(scope);
  }

  /**
   * Refuses what the caller may not, as known at the last look.
   *
   * @throws ProtocolException 401 or 403 that says what is missing
   */
  public void require(Scope scope) {
    access.require(principal, scope);
  }

  /**
   * Looks again: at the token file as it is now, and whether a token has expired. Costs next to
   * nothing while all is as before.
   *
   * @throws ProtocolException 401 if the token is not believed any more
   */
  public void look() {
    if (!principal.isValid()) {
      principal = access.caller(authorization, session);
    }
  }
}
