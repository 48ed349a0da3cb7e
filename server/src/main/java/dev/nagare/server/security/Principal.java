package dev.nagare.server.security;

import dev.nagare.server.config.Scope;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A caller that is known, and for how long. Two are equal that have the same name and scopes.
 *
 * <p>Safe for any thread.
 */
public final class Principal {
  private final String name;
  private final Set<Scope> scopes;
  private final BooleanSupplier valid;

  /**
   * One that stays.
   *
   * @param name as its token says; empty for a caller without one
   * @param scopes what it may do
   */
  Principal(String name, Set<Scope> scopes) {
    this(name, scopes, () -> true);
  }

  private Principal(String name, Set<Scope> scopes, BooleanSupplier valid) {
    this.name = name;
    this.scopes = Set.copyOf(scopes);
    this.valid = valid;
  }

  /** The same for as long as something is so. */
  Principal whilst(BooleanSupplier so) {
    return new Principal(name, scopes, so);
  }

  /** As its token says; empty for a caller without one. */
  public String name() {
    return name;
  }

  /** Whether it showed a token. */
  public boolean isNamed() {
    return !name.isEmpty();
  }

  /** Whether it may. */
  public boolean may(Scope scope) {
    return scopes.contains(scope);
  }

  /**
   * Whether its token still counts: it stands in the file with the same name and scopes, it has not
   * expired. For connections that last; costs next to nothing.
   */
  public boolean isValid() {
    return valid.getAsBoolean();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Principal that && name.equals(that.name) && scopes.equals(that.scopes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, scopes);
  }

  @Override
  public String toString() {
    return name + scopes;
  }
}
