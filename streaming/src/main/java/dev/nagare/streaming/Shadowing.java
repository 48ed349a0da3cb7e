package dev.nagare.streaming;

import dev.nagare.models.repository.CanaryShare;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Asks a version what callers asked another one, once these have their answers, and compares. What
 * it copies lies in memory of its own, and what it asks goes after everything else: when there is
 * no room or no time, copies are dropped, and callers never know.
 *
 * <p>Safe for any thread.
 */
final class Shadowing {
  /** Most copies at once. */
  static final int MOST_COPIES = 64;

  /** Most bytes of them. */
  static final long MOST_BYTES = 1 << 25;

  /** A copy that no lane has had time for by then is dropped. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ServedVersion shadow;
  private final CanaryShare share;
  private final StreamingObserver told;
  private final Answered answered;
  private final MemoryPool pool;
  private final AtomicLong turns = new AtomicLong();
  private final AtomicInteger copies = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder compared = new LongAdder();
  private final LongAdder unlike = new LongAdder();
  private final LongAdder rows = new LongAdder();
  private final LongAdder agreeing = new LongAdder();
  private final DoubleAccumulator largest = new DoubleAccumulator(Math::max, 0);

  /** Told how the shadow did; of copies that were dropped nothing. */
  interface Answered {
    /**
     * It answered, or failed.
     *
     * @param callers the answer that its caller got
     * @param own the shadow's; null if it failed
     */
    void by(InferenceResponse callers, @Nullable InferenceResponse own, long nanos);
  }

  /**
   * With no copies.
   *
   * @param mostBytes of all copies
   */
  Shadowing(
      ServedVersion shadow,
      CanaryShare share,
      StreamingObserver told,
      Answered answered,
      long mostBytes) {
    this.pool = new MemoryPool("shadow", mostBytes);
    this.shadow = shadow;
    this.share = share;
    this.told = told;
    this.answered = answered;
  }

  /** A copy of a request, if it is its turn and there is room; to be handed to {@link #follow}. */
  @Nullable InferenceRequest copy(InferenceRequest request) {
    if (!share.takes(turns.getAndIncrement())) {
      return null;
    }
    if (copies.incrementAndGet() > MOST_COPIES) {
      copies.decrementAndGet();
      drop();
      return null;
    }
    PooledMemory memory;
    try {
      memory = pool.open(bytes(request));
    } catch (TensorException e) { // no room, or more than a block can have
      copies.decrementAndGet();
      drop();
      return null;
    }
    List<TensorData> inputs = new ArrayList<>(request.inputs().size());
    for (TensorData input : request.inputs()) {
      inputs.add(new TensorData(input.name(), memory.copyOf(input.data())));
    }
    return new InferenceRequest(null, Map.of(), inputs, request.outputs(), memory);
  }

  private static long bytes(InferenceRequest request) {
    long bytes = 0;
    for (TensorData input : request.inputs()) {
      bytes += input.data().elements() * input.data().dtype().bytes() + Memory.ALIGNMENT;
    }
    return bytes;
  }

  /** The copy is not needed: its request was refused. */
  void giveBack(InferenceRequest copy) {
    copy.close();
    copies.decrementAndGet();
  }

  /** Asks the shadow as soon as the caller has its answer; of one that failed there is nothing. */
  void follow(InferenceRequest copy, CompletableFuture<InferenceResponse> callers) {
    var _ =
        callers.whenComplete(
            (answer, thrown) -> {
              if (answer == null) {
                giveBack(copy);
              } else {
                ask(copy, answer);
              }
            });
  }

  private void ask(InferenceRequest copy, InferenceResponse callers) {
    long began = System.nanoTime();
    Terms terms = Terms.until(Terms.Priority.SHADOW, 0, began + PATIENCE_NANOS);
    var _ =
        shadow
            .infer(copy, terms) // closes it, whatever comes
            .whenComplete(
                (own, thrown) -> {
                  copies.decrementAndGet();
                  if (own == null && isDropped(thrown)) {
                    drop();
                    return;
                  }
                  if (own != null) {
                    compare(callers, own);
                  }
                  answered.by(callers, own, System.nanoTime() - began);
                });
  }

  private void drop() {
    dropped.increment();
    told.shadowDropped(shadow.name());
  }

  /** Refused or given up, or its version has gone: not the version's fault. */
  private static boolean isDropped(@Nullable Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException e ? e.getCause() : thrown;
    return cause instanceof ProtocolException refusal
        && switch (refusal.status()) {
          case 404, 429, 499, 503, 504 -> true;
          default -> false;
        };
  }

  private void compare(InferenceResponse callers, InferenceResponse own) {
    Agreement agreement = Agreement.of(callers, own);
    if (agreement == null) {
      unlike.increment();
      return;
    }
    compared.increment();
    rows.add(agreement.rows());
    agreeing.add(agreement.agreeing());
    largest.accumulate(agreement.largestDifference());
    told.compared(shadow.name(), agreement.rows(), agreement.agreeing());
  }

  /** Copies that are not answered or dropped yet. */
  int copies() {
    return copies.get();
  }

  /** Bytes of those. */
  long bytes() {
    return pool.usedBytes();
  }

  /** What came of it so far. */
  CanaryReport.Comparison comparison() {
    return new CanaryReport.Comparison(
        dropped.sum(), compared.sum(), unlike.sum(), rows.sum(), agreeing.sum(), largest.get());
  }
}
