package dev.nagare.server.grpc.call;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hands a visitor from the gate to its call, through the library between them, which begins a call
 * at once and knows nothing of visitors. For the event loop of the doors alone.
 */
public final class Entrance {
  private @Nullable Visitor entering;

  /** Does what begins the visitor's call. */
  public void enter(Visitor visitor, Runnable begin) {
    entering = visitor;
    try {
      begin.run();
    } finally {
      entering = null;
    }
  }

  /** Who is entering. */
  public Visitor visitor() {
    return Objects.requireNonNull(entering, "a call that passed no gate");
  }
}
