package dev.nagare.server.grpc.call;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The calls that would not end by themselves when the server stops. For the event loop of the doors
 * alone.
 */
public final class LastingCalls {
  private final Set<Runnable> stops = new LinkedHashSet<>();

  /** Has a call told to come to its end when the server stops. */
  public void add(Runnable stop) {
    stops.add(stop);
  }

  /** The call has ended. */
  public void remove(Runnable stop) {
    stops.remove(stop);
  }

  /** Tells all. */
  public void stop() {
    List.copyOf(stops).forEach(Runnable::run);
  }
}
