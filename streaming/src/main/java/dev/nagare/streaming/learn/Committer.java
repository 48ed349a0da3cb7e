package dev.nagare.streaming.learn;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.checkpoint.Checkpointer;
import dev.nagare.streaming.kafka.OutputWriter;
import dev.nagare.streaming.kafka.TransactionalWriter;
import dev.nagare.streaming.rehearsal.CrashPoint;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jctools.queues.MpscBlockingConsumerArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes what comes of records, in log order, each once: all that is ready goes out in one
 * transaction with the offset up to which it is complete, and checkpoints go between them. Where
 * delivery is at least once, outputs go out as they are ready and the offset follows.
 *
 * <p>Transactions are as large as the stream is fast: while one is committed, the next collects.
 * The committed offset therefore says "outputs are written up to here", and a learner that is
 * behind it, because it goes on from a checkpoint, writes nothing again.
 *
 * <p>Fed by the learner's thread; a thread of its own owns the writer from the start on.
 */
final class Committer implements AutoCloseable {
  /** Most outputs that wait; bounds memory while Kafka or the lanes are slow. */
  private static final int CAPACITY = 4096;

  private static final int LARGEST_TRANSACTION = 1000;
  private static final long LOOK_NANOS = 1_000_000;

  private final String model;
  private final String topic;
  private final OutputWriter outputs;
  private final TransactionalWriter writer;
  private final Checkpointer checkpointer;
  private final Rehearsal rehearsal;
  private final StreamingObserver told;
  private final Consumer<Exception> failed;
  private final MpscBlockingConsumerArrayQueue<Object> queue =
      new MpscBlockingConsumerArrayQueue<>(CAPACITY);
  private final Thread thread;
  private long written;
  private volatile boolean closed;
  private volatile boolean broken;

  /**
   * A checkpoint on its way.
   *
   * @param image of the learner
   * @param kernelId kernels that computed it
   * @param startedNanos when it was taken
   * @param done completed by the committer
   */
  private record Image(
      Checkpoint image,
      String kernelId,
      long startedNanos,
      CompletableFuture<CheckpointRecord> done) {}

  /**
   * Begins to write.
   *
   * @param written up to where outputs are written already
   * @param outputs the writer's; closed by {@link #close}, and the writer with it
   * @param writer fenced, of checkpoints
   * @param failed told, on the committer's thread, that nothing more is written: begin again from
   *     the last checkpoint
   */
  Committer(
      String model,
      String topic,
      long written,
      OutputWriter outputs,
      TransactionalWriter writer,
      Checkpointer checkpointer,
      Rehearsal rehearsal,
      StreamingObserver told,
      Consumer<Exception> failed) {
    this.model = model;
    this.topic = topic;
    this.written = written;
    this.outputs = outputs;
    this.writer = writer;
    this.checkpointer = checkpointer;
    this.rehearsal = rehearsal;
    this.told = told;
    this.failed = failed;
    this.thread = Thread.ofPlatform().daemon().name("nagare-commit-" + model).start(this::run);
  }

  /**
   * Takes the next output; waits while too many wait already.
   *
   * @param giveUp looked at now and then
   * @return false if it gave up
   */
  boolean add(Output output, BooleanSupplier giveUp) {
    return offer(output, giveUp);
  }

  /**
   * Takes a checkpoint, to be written after the outputs before it.
   *
   * @return fails with an {@link IOException} if the disk refused it: the last one is as it was
   */
  CompletableFuture<CheckpointRecord> add(
      Checkpoint image, String kernelId, BooleanSupplier giveUp) {
    var done = new CompletableFuture<CheckpointRecord>();
    if (!offer(new Image(image, kernelId, System.nanoTime(), done), giveUp)) {
      done.cancel(false);
    }
    return done;
  }

  private boolean offer(Object item, BooleanSupplier giveUp) {
    while (!queue.offer(item)) {
      if (closed || giveUp.getAsBoolean()) {
        return false;
      }
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
    return true;
  }

  private void run() {
    try {
      while (!closed) {
        Object item = queue.take();
        if (item instanceof Output output) {
          commit(output);
        } else {
          checkpoint((Image) item);
        }
      }
    } catch (InterruptedException e) {
      // close() ends a wait
    } catch (RuntimeException e) { // all of it ends the tenure, and the learner must know; but
      // close() ends a wait inside Kafka's client with an exception
      broken = true;
      if (!closed) {
        failed.accept(e);
      }
    } finally {
      Thread.interrupted(); // an interrupted close would not close
      outputs.close();
    }
  }

  private void commit(Output first) throws InterruptedException {
    first.await();
    long started = System.nanoTime();
    outputs.begin();
    int records = 0;
    Output last = first;
    for (Output next = first; next != null; next = ready(records)) {
      if (records > 0) {
        queue.poll();
      }
      last = next;
      for (Output.Letter part = next.letter(); part != null; part = part.then()) {
        outputs.send(part.topic(), part.key(), part.value(), part.headers());
      }
      records++;
    }
    outputs.sendOffset(topic, last.offset() + 1);
    outputs.flush();
    rehearsal.reached(CrashPoint.BEFORE_OUTPUT_COMMIT);
    outputs.commit();
    written = last.offset() + 1;
    rehearsal.reached(CrashPoint.AFTER_OUTPUT_COMMIT);
    told.committed(model, records, System.nanoTime() - started);
  }

  /** The next output if it is complete, left in the queue. */
  private @Nullable Output ready(int records) {
    return records < LARGEST_TRANSACTION && queue.peek() instanceof Output next && next.isDone()
        ? next
        : null;
  }

  private void checkpoint(Image taken) throws InterruptedException {
    long offset = Math.max(written, taken.image().lineage().nextOffset());
    try {
      CheckpointRecord record = checkpointer.write(taken.image(), taken.kernelId(), writer, offset);
      told.checkpointed(model, System.nanoTime() - taken.startedNanos());
      taken.done().complete(record);
    } catch (IOException e) {
      taken.done().completeExceptionally(e);
    }
  }

  /** Whether nothing is written any more. */
  boolean hasFailed() {
    return broken;
  }

  /** Ends at once: what was not committed was not written. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // nobody may write after this
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
