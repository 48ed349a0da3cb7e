package dev.nagare.tensor;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Things that nobody uses now, each for one thread at a time, such as memory of lanes. Safe for any
 * thread; nothing here blocks, and nothing is allocated while there are {@value #PLACES} or fewer.
 *
 * @param <T> what they are
 */
public final class Idle<T> {
  private static final int PLACES = 64;

  /** One thing may be put where another thread has looked already. */
  private static final int LOOKS = 2;

  private final AtomicReferenceArray<@Nullable T> things = new AtomicReferenceArray<>(PLACES);
  private final Queue<T> more = new ConcurrentLinkedQueue<>();

  /** Nothing so far. */
  public Idle() {}

  /** One of them, for the caller until it is given back; null if there is none. */
  public @Nullable T take() {
    for (int look = 0; look < LOOKS; look++) {
      for (int i = 0; i < PLACES; i++) {
        if (things.get(i) != null) {
          T taken = things.getAndSet(i, null);
          if (taken != null) {
            return taken;
          }
        }
      }
    }
    return more.poll();
  }

  /** Adds one. */
  public void giveBack(T thing) {
    for (int i = 0; i < PLACES; i++) {
      if (things.get(i) == null && things.compareAndSet(i, null, thing)) {
        return;
      }
    }
    more.add(thing);
  }
}
