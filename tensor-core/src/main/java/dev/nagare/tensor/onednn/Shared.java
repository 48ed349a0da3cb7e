package dev.nagare.tensor.onednn;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What several users have as one: made for the first of them, ended with the last. Safe for any
 * thread; whoever asks for what is just being made waits for it. Whoever asks for what is just
 * ending has another one and waits for nothing.
 *
 * @param <K> says what it is
 * @param <V> what is shared
 */
final class Shared<K, V> {
  private final Map<K, Held<V>> held = new ConcurrentHashMap<>();
  private final Consumer<V> end;

  private static final class Held<V> {
    final V value;
    int users; // guarded by the map's entry

    Held(V value) {
      this.value = value;
    }
  }

  /** What one user has of it, until that user closes it: twice is once. */
  static final class Lease<V> implements AutoCloseable {
    private final V value;
    private final Runnable giveBack;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Lease(V value, Runnable giveBack) {
      this.value = value;
      this.giveBack = giveBack;
    }

    V value() {
      return value;
    }

    boolean isClosed() {
      return closed.get();
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        giveBack.run();
      }
    }
  }

  Shared(Consumer<V> end) {
    this.end = end;
  }

  /** The one of this key; if it cannot be made there is none, and the next who asks tries again. */
  Lease<V> take(K key, Supplier<V> make) {
    Held<V> taken =
        held.compute(
            key,
            (any, found) -> {
              Held<V> one = found == null ? new Held<>(make.get()) : found;
              one.users++;
              return one;
            });
    return new Lease<>(taken.value, () -> give(key, taken.value));
  }

  private void give(K key, V value) {
    // The lease held it until here, so what the map has is this one, or nothing from now on.
    if (held.computeIfPresent(key, (any, one) -> --one.users > 0 ? one : null) == null) {
      end.accept(value);
    }
  }

  /** How many there are. */
  int size() {
    return held.size();
  }
}
