package dev.nagare.streaming.batch;

import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.tensor.Tensor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request that was checked and waits for a lane. The door makes it, one lane ends it. */
public final class Question {
  private final ServedModel model;
  private final List<Tensor> inputs;
  private final int rows;
  private final @Nullable String id;
  private final InferenceRequest request;
  private final CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
  private final long queuedNanos = System.nanoTime();
  private boolean released;

  /**
   * Creates a question.
   *
   * @param model that is to answer
   * @param inputs in the model's order, in the request's memory
   * @param rows that it counts for in a batch, 1 or more
   * @param id for the answer
   * @param request closed by the lane, once it has copied the inputs
   */
  Question(
      ServedModel model,
      List<Tensor> inputs,
      int rows,
      @Nullable String id,
      InferenceRequest request) {
    this.model = model;
    this.inputs = inputs;
    this.rows = rows;
    this.id = id;
    this.request = request;
  }

  ServedModel model() {
    return model;
  }

  List<Tensor> inputs() {
    return inputs;
  }

  int rows() {
    return rows;
  }

  @Nullable String id() {
    return id;
  }

  InferenceRequest request() {
    return request;
  }

  /** Completed by the lane. */
  CompletableFuture<InferenceResponse> answer() {
    return answer;
  }

  /** {@link System#nanoTime()} at the door. */
  long queuedNanos() {
    return queuedNanos;
  }

  /** Gives the request's memory back, once; the inputs are gone then. */
  void release() {
    if (!released) {
      released = true;
      request.close();
    }
  }

  /** Fails the caller, unless it has its answer. */
  void fail(Throwable failure) {
    release();
    answer.completeExceptionally(failure);
  }
}
