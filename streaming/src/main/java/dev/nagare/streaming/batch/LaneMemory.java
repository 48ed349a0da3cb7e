package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import dev.nagare.tensor.Scope;
import java.util.IdentityHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a lane has for itself; for its thread alone. */
public final class LaneMemory implements AutoCloseable {
  private static final int FIRST_ROWS = 1 << 16;
  private static final int FIRST_SCRATCH = 1 << 20;

  private final int maxBatchRows;
  private final StreamingObserver told;
  private final Scope rows = new Scope(FIRST_ROWS);
  private final Scope scratch = new Scope(FIRST_SCRATCH);
  private final IdentityHashMap<Object, AutoCloseable> sessions = new IdentityHashMap<>();
  private float[] floats = new float[0];
  private @Nullable Object met;

  LaneMemory(int maxBatchRows, StreamingObserver told) {
    this.maxBatchRows = maxBatchRows;
    this.told = told;
  }

  /** Most rows that a model runs at once. */
  int maxBatchRows() {
    return maxBatchRows;
  }

  StreamingObserver told() {
    return told;
  }

  /** For the inputs and outputs of one batch. */
  Scope rows() {
    return rows;
  }

  /** For what lies between. */
  Scope scratch() {
    return scratch;
  }

  /** An array of at least that many floats, for the batch at hand. */
  float[] floats(int count) {
    if (floats.length < count) {
      floats = new float[count];
    }
    return floats;
  }

  /** What this lane holds for a model from batch to batch; made at the first. */
  @SuppressWarnings("unchecked") // under one key there is what its one caller made
  <S extends AutoCloseable> S session(Object key, Supplier<S> open) {
    return (S) sessions.computeIfAbsent(key, ignored -> open.get());
  }

  /** Whether this very snapshot answers on this lane for the first time in a row. */
  @SuppressWarnings("ReferenceEquality") // this very one, and no other that equals it
  boolean meets(Object snapshot) {
    boolean first = snapshot != met;
    met = snapshot;
    return first;
  }

  /** Forgets the batch. */
  void reset() {
    rows.reset();
    scratch.reset();
  }

  @Override
  public void close() {
    for (AutoCloseable session : sessions.values()) {
      try {
        session.close();
      } catch (Exception e) {
        throw new IllegalStateException("closing a session failed", e);
      }
    }
    rows.close();
    scratch.close();
  }
}
