package dev.nagare.streaming;

import dev.nagare.streaming.protocol.InferenceResponse;
import org.jspecify.annotations.Nullable;

/**
 * The way of one request, as somebody follows it for a trace. Told from lanes and doors: must not
 * block, must not throw. Times are readings of {@link System#nanoTime()}.
 */
public interface Journey {

  /**
   * A lane has computed the answer.
   *
   * @param stations when it came to where
   */
  void computed(Stations stations);

  /**
   * It is over.
   *
   * @param response the answer; null if there is none
   * @param failure why there is none; null if nothing was to be answered
   */
  void ended(@Nullable InferenceResponse response, @Nullable Throwable failure);

  /**
   * When a request came to where on its way through a lane.
   *
   * @param queued at the door
   * @param taken by the lane, with its batch
   * @param began to compute, when the batch was together
   * @param ended computing
   * @param questions in the batch
   * @param rows in the batch
   */
  record Stations(long queued, long taken, long began, long ended, int questions, int rows) {}
}
