package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import dev.nagare.tensor.Scope;
import org.jspecify.annotations.Nullable;

/** What a lane has for itself; for its thread alone. */
public final class LaneMemory implements AutoCloseable {
  private static final int FIRST_ROWS = 1 << 16;
  private static final int FIRST_SCRATCH = 1 << 20;

  private final int maxBatchRows;
  private final StreamingObserver told;
  private final Scope rows = new Scope(FIRST_ROWS);
  private final Scope scratch = new Scope(FIRST_SCRATCH);
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
    rows.close();
    scratch.close();
  }
}
