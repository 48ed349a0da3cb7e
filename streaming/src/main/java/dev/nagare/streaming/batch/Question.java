package dev.nagare.streaming.batch;

import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.tensor.Tensor;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A request that was checked and waits for a lane.
 *
 * @param model that is to answer
 * @param windows F32 {@code [rows, window, features]}, in the request's memory
 * @param id for the answer
 * @param request closed by the lane, once it has copied the windows
 * @param answer completed by the lane
 * @param queuedNanos {@link System#nanoTime()} at the door
 */
record Question(
    ServedModel model,
    Tensor windows,
    @Nullable String id,
    InferenceRequest request,
    CompletableFuture<InferenceResponse> answer,
    long queuedNanos) {

  /** Number of windows, 1 or more. */
  int rows() {
    return (int) windows.dim(0);
  }
}
