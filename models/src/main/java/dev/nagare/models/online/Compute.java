package dev.nagare.models.online;

import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;

/**
 * What an online model computes with.
 *
 * @param learning kernels of the training step: tiny work, one window
 * @param serving kernels of every forecast, the learner's own among them: batches of windows
 * @param snapshots where snapshots take their memory from
 */
public record Compute(Kernels learning, Kernels serving, MemoryPool snapshots) {

  /** The best kernels that work on this machine: vector for learning, oneDNN for serving. */
  public static Compute best(MemoryPool snapshots) {
    return new Compute(
        KernelProviders.firstOf(List.of("vector", "scalar")).kernels(),
        KernelProviders.best().kernels(),
        snapshots);
  }

  /** What the bits of a model depend on, besides its configuration and rows. */
  String kernelId() {
    return "learning " + learning.id() + ", serving " + serving.id();
  }
}
