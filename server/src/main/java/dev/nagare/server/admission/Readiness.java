package dev.nagare.server.admission;

import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import org.jspecify.annotations.Nullable;

/**
 * Whether the process should get traffic.
 *
 * @param ready whether every model answers; a degraded model does
 * @param reason why not; null if ready
 * @param degraded what stands still although requests are answered; null if nothing does
 */
public record Readiness(boolean ready, @Nullable String reason, @Nullable String degraded) {

  /** How it is now. */
  public static Readiness of(Serving serving) {
    if (serving.phase() != Serving.Phase.OPEN) {
      return new Readiness(false, serving.unready(), null);
    }
    String degraded = null;
    for (ModelService model : serving.models()) {
      ModelStatus status = model.status();
      if (!status.ready()) {
        return new Readiness(false, "model '" + model.name() + "' does not answer yet", null);
      }
      String trouble = status.degraded() != null ? status.degraded() : status.checkpointError();
      if (degraded == null && trouble != null) {
        degraded = model.name() + ": " + trouble;
      }
    }
    return new Readiness(true, null, degraded);
  }
}
