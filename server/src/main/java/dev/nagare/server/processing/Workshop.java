package dev.nagare.server.processing;

import dev.nagare.server.config.ProcessingConfig;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.HeldVersion;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Threads that make requests of pictures and texts, and answers of tensors: neither the event loop
 * nor a lane is held up by a large picture. So many calls may wait, with bodies of an eighth of the
 * heap together; what comes beyond is refused at once. What is being worked on has its {@link
 * Heap}. What comes back from a model goes first: nobody waits for it but its caller, and it frees
 * memory.
 *
 * <p>Safe for any thread.
 */
public final class Workshop implements AutoCloseable {
  /** How soon another attempt is worth it: a picture takes milliseconds. */
  private static final long RETRY_MILLIS = 1000;

  private final ProcessingConfig config;
  private final Heap heap;
  private final long mostBytes;
  private final Metrics metrics;
  private final BlockingDeque<Runnable> tasks = new LinkedBlockingDeque<>();
  private final List<Thread> threads = new ArrayList<>();
  private int calls; // waiting; guarded by this
  private long bytes; // of those; guarded by this
  private boolean closed; // guarded by this

  /**
   * A call.
   *
   * @param service that is asked
   * @param goal what is wanted
   * @param bytes of what was sent
   * @param medium reads what was sent
   * @param terms of the caller
   * @param codec in whose memory the request is made
   */
  public record Job(
      ModelService service,
      Goal goal,
      long bytes,
      Supplier<Medium> medium,
      Terms terms,
      ProtocolJson codec) {}

  /**
   * Starts the threads.
   *
   * @param heapBytes of the heap that it has a share of
   * @param metrics told of refusals and of what waits
   */
  public Workshop(ProcessingConfig config, long heapBytes, Metrics metrics) {
    this.config = config;
    this.heap = new Heap(heapBytes);
    this.mostBytes = heapBytes / 8;
    this.metrics = metrics;
    for (int i = 0; i < config.threads(); i++) {
      threads.add(Thread.ofPlatform().daemon().name("nagare-media-" + i).start(this::work));
    }
  }

  private void work() {
    try {
      while (true) {
        tasks.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /**
   * Answers a call; never blocks.
   *
   * @return fails with a {@link ProtocolException} that says what was wrong: 400, 413 or 415 for
   *     what was sent, 429 if too much waits, 501 if the model has no such steps, and all that a
   *     model fails with
   */
  public CompletableFuture<Processed> process(Job job) {
    String model = job.service.name();
    synchronized (this) {
      if (closed) {
        throw new ProtocolException(503, "the server is stopping");
      }
      if (calls >= config.queue() || (calls > 0 && bytes + job.bytes > mostBytes)) {
        metrics.refused(model, "processing-full");
        throw ProtocolException.busy(
            "%d pictures and texts of %d bytes wait for a thread (processing.queue); try again later"
                .formatted(calls, bytes),
            RETRY_MILLIS);
      }
      calls++;
      bytes += job.bytes;
    }
    metrics.preparing(1);
    var answer = new CompletableFuture<Processed>();
    tasks.addLast(() -> begin(job, answer));
    return answer;
  }

  private void begin(Job job, CompletableFuture<Processed> answer) {
    synchronized (this) {
      calls--;
      bytes -= job.bytes;
    }
    metrics.preparing(-1);
    HeldVersion held = null;
    try {
      requireInTime(job);
      held = job.service.holdVersion();
      ask(job, held, answer);
    } catch (Throwable e) { // whatever it is, the thread goes on and the caller gets an answer
      if (held != null) {
        held.release();
      }
      answer.completeExceptionally(e);
    }
  }

  private void ask(Job job, HeldVersion held, CompletableFuture<Processed> answer) {
    var steps = new Steps(job.service.name(), held.processing(), job.goal, config, heap);
    Prepared prepared;
    try {
      prepared = heap.reading(job.bytes, () -> steps.prepare(job.medium.get(), job.codec));
    } catch (ProtocolException e) {
      metrics.undecoded(job.service.name(), e);
      throw e;
    }
    held.infer(prepared.request(), job.terms)
        .whenComplete(
            (response, thrown) ->
                tasks.addFirst(() -> end(held, steps, prepared, response, thrown, answer)));
  }

  private static void end(
      HeldVersion held,
      Steps steps,
      Prepared prepared,
      @Nullable InferenceResponse response,
      @Nullable Throwable thrown,
      CompletableFuture<Processed> answer) {
    held.release();
    try {
      if (response == null) {
        answer.completeExceptionally(
            thrown == null ? new IllegalStateException("no answer") : thrown);
      } else {
        answer.complete(new Processed(response, steps.answer(response, prepared)));
      }
    } catch (Throwable e) { // as above
      answer.completeExceptionally(e);
    }
  }

  private static void requireInTime(Job job) {
    if (job.terms.left()) {
      throw new ProtocolException(499, "the caller left");
    }
    if (job.terms.limited() && System.nanoTime() - job.terms.deadlineNanos() > 0) {
      throw new ProtocolException(
          504, "the deadline passed while the call waited to be prepared (processing.threads)");
    }
  }

  /** Calls that wait for a thread. */
  synchronized int waiting() {
    return calls;
  }

  /** Ends the threads; calls are to be answered by then. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    threads.forEach(Thread::interrupt);
  }
}
