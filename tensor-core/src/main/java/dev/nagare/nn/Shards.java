package dev.nagare.nn;

import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Parts;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A training step in a fixed number of shards: each computes the gradients of some rows of the
 * batch with a {@link ParameterFactory#replica replica} of the model, on a tape of its own, and the
 * gradients are added in the order of the shards.
 *
 * <pre>{@code
 * shards.run(s -> loss(models.get(s), tapes.get(s), rows(s)).backward());
 * Shards.gather(kernels, parameters, replicas, weights);
 * optimizer.step(rate, 1);
 * }</pre>
 *
 * <p>What is a function of the whole batch, such as BatchNorm, cannot be computed from a shard's
 * rows. A model that has it trains on one {@link dev.nagare.autograd.Tape} that is given the shards
 * as its {@link Parts}.
 *
 * <p>Bits depend on the number of shards, not on how many threads there are. Between the calls of a
 * step workers wait busily, for as long as {@link Patience} allows, then they sleep. One thread at
 * a time may call; closing ends the workers.
 */
public final class Shards implements Parts, AutoCloseable {
  private final int count;
  private final int threads;
  private final List<Thread> workers = new ArrayList<>();
  private final @Nullable Throwable[] failures;
  private final AtomicInteger running = new AtomicInteger();
  private volatile IntConsumer work = shard -> {};
  private volatile @Nullable Thread caller;
  private final AtomicInteger round = new AtomicInteger();
  private final boolean room;
  private final Patience patience;
  private volatile boolean closed;

  /**
   * Starts the workers.
   *
   * @param count of shards, at least 1
   * @param threads that share them, the caller's among them, at least 1
   */
  public Shards(int count, int threads) {
    if (count < 1 || threads < 1) {
      throw TensorException.mismatch(
          "shards: expected 1 shard or more and 1 thread or more, got "
              + count
              + " and "
              + threads);
    }
    this.count = count;
    this.threads = Math.min(count, threads);
    this.failures = new Throwable[count];
    this.room = this.threads <= Runtime.getRuntime().availableProcessors();
    this.patience = new Patience(room);
    for (int i = 1; i < this.threads; i++) {
      int first = i;
      workers.add(Thread.ofPlatform().daemon().name("shards-" + i).start(() -> serve(first)));
    }
  }

  /** Number of shards. */
  @Override
  public int count() {
    return count;
  }

  /**
   * Runs the work of every shard and waits for all. What a shard throws is thrown here once all
   * have ended, the first shard's first.
   */
  @Override
  public void run(IntConsumer shard) {
    if (closed) {
      throw new IllegalStateException("shards: closed");
    }
    caller = Thread.currentThread();
    work = shard;
    running.set(workers.size());
    round.incrementAndGet();
    workers.forEach(LockSupport::unpark);
    some(0, patience);
    await(() -> running.get() == 0, patience);
    rethrow();
  }

  private void rethrow() {
    Throwable first = null;
    for (int i = 0; i < count; i++) {
      Throwable failure = failures[i];
      failures[i] = null;
      first = first == null ? failure : first;
    }
    if (first instanceof Error error) {
      throw error;
    }
    if (first instanceof RuntimeException unchecked) {
      throw unchecked;
    }
  }

  private void some(int first, Patience patience) {
    long from = System.nanoTime();
    for (int shard = first; shard < count; shard += threads) {
      try {
        work.accept(shard);
      } catch (Throwable e) {
        failures[shard] = e;
      }
    }
    patience.worked(System.nanoTime() - from);
  }

  private void serve(int first) {
    var patience = new Patience(room);
    int seen = 0;
    while (!closed) {
      int last = seen;
      await(() -> round.get() != last || closed, patience);
      if (round.get() != last) {
        seen = round.get();
        some(first, patience);
        if (running.decrementAndGet() == 0) {
          LockSupport.unpark(caller);
        }
      }
    }
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition, Patience patience) {
    long busy = patience.budget();
    long from = System.nanoTime();
    long waited = 0;
    while (!condition.holds()) {
      if (waited < busy) {
        Thread.onSpinWait();
      } else {
        LockSupport.park();
      }
      waited = System.nanoTime() - from;
    }
    patience.waited(waited);
  }

  /**
   * Adds the replicas' gradients to the model's in the order of the shards, and zeroes them.
   *
   * @param parameters of the model
   * @param replicas of each shard, in the order of {@code parameters}
   * @param weights factor on each shard's gradients: for a loss that is a mean, its part of the
   *     rows
   */
  public static void gather(
      Kernels kernels,
      List<Parameter> parameters,
      List<List<Parameter>> replicas,
      double[] weights) {
    if (weights.length != replicas.size()) {
      throw TensorException.mismatch(
          "shards: expected " + replicas.size() + " weights, got " + weights.length);
    }
    for (int shard = 0; shard < weights.length; shard++) {
      List<Parameter> replica = replicas.get(shard);
      if (replica.size() != parameters.size()) {
        throw TensorException.mismatch(
            "shards: expected " + parameters.size() + " parameters, got " + replica.size());
      }
      for (int i = 0; i < parameters.size(); i++) {
        kernels.axpy(weights[shard], replica.get(i).gradient(), parameters.get(i).gradient());
        replica.get(i).gradient().zero();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    workers.forEach(LockSupport::unpark);
  }
}
