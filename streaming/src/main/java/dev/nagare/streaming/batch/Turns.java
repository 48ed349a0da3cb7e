package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import java.util.ArrayList;
import java.util.List;

/**
 * What whoever computes does again and again: takes a batch, runs it, answers. With the scratch
 * memory for it.
 *
 * <p>A batch that fails fails its callers, and nobody else. For one thread, but for {@link
 * #leftNanos}.
 */
final class Turns implements AutoCloseable {
  private final Batcher batcher;
  private final StreamingObserver told;
  private final LaneMemory memory;
  private final List<Question> batch = new ArrayList<>();
  private final List<Question> late = new ArrayList<>();

  /**
   * When the batch at hand is expected to end, by the batcher's clock; in the past if there is
   * none.
   */
  private volatile long endsAt;

  private long ranNanos;

  Turns(Batcher batcher, int maxBatchRows, StreamingObserver told) {
    this.batcher = batcher;
    this.told = told;
    this.memory = new LaneMemory(maxBatchRows, told);
  }

  /**
   * Takes the next batch and answers it.
   *
   * @param mostNanos what it may cost, see {@link Schedule#next}
   * @return false if there was none
   */
  boolean take(long mostNanos) {
    batcher.take(mostNanos, batch, late);
    if (batch.isEmpty()) {
      return false;
    }
    answer();
    return true;
  }

  /** How long the last batch ran, without the time that its callers took to hear of it. */
  long ranNanos() {
    return ranNanos;
  }

  /** How long the batch at hand will still take, as far as anybody knows; 0 if there is none. */
  long leftNanos(long now) {
    return Math.max(0, endsAt - now);
  }

  private void answer() {
    Line line = batch.getFirst().line();
    long work = 0;
    for (int i = 0; i < batch.size(); i++) {
      work += batch.get(i).work();
    }
    long began = batcher.now();
    endsAt = began + line.cost().nanos(work);
    try {
      line.model().answer(batch, memory);
      long ended = batcher.now();
      ranNanos = ended - began;
      batcher.tell(batch);
      line.ran(work, ranNanos, ended);
      line.tell(told);
    } catch (
        Throwable failure) { // whatever it is, it is the callers' to know and not the thread's end
      ranNanos = batcher.now() - began;
      batch.forEach(question -> question.fail(failure));
    } finally {
      endsAt = began;
      batch.clear();
      memory.reset();
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
