package dev.nagare.server.security;

import dev.nagare.server.config.Scope;
import java.util.Set;

/**
 * A caller that is known.
 *
 * @param name as its token says; empty for a caller without one
 * @param scopes what it may do
 */
public record Principal(String name, Set<Scope> scopes) {
  /** Copies. */
  public Principal {
    scopes = Set.copyOf(scopes);
  }

  /** Whether it showed a token. */
  public boolean isNamed() {
    return !name.isEmpty();
  }

  /** Whether it may. */
  public boolean may(Scope scope) {
    return scopes.contains(scope);
  }
}
