package dev.nagare.loadtest.bench.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.nagare.loadtest.bench.duel.Workload;

/** {@link AdamWTask} with the native step that DJL's AdamW takes; the gradient stays as it is. */
final class AdamWLibtorch implements Workload {
  private final int threads;
  private final Engine engine;
  private final NDManager manager;
  private final NDArray parameter;
  private final NDArray gradient;
  private final NDArray firstMoment;
  private final NDArray secondMoment;
  private int steps;

  AdamWLibtorch(int threads) {
    this.threads = threads;
    engine = Libtorch.engine(threads);
    manager = engine.newBaseManager(Device.cpu());
    parameter = manager.create(AdamWTask.parameters());
    gradient = manager.create(AdamWTask.gradients());
    firstMoment = manager.zeros(parameter.getShape());
    secondMoment = manager.zeros(parameter.getShape());
  }

  @Override
  public String description() {
    return Libtorch.description(engine, threads);
  }

  @Override
  public float step() {
    int taken = steps + 1;
    double correction1 = 1 - StrictMath.pow(AdamWTask.BETA1, taken);
    double correction2 = 1 - StrictMath.pow(AdamWTask.BETA2, taken);
    float corrected = (float) (AdamWTask.LEARNING_RATE * Math.sqrt(correction2) / correction1);
    parameter
        .getNDArrayInternal()
        .adamUpdate(
            new NDList(parameter, gradient, firstMoment, secondMoment),
            new NDList(parameter),
            AdamWTask.LEARNING_RATE,
            corrected,
            AdamWTask.WEIGHT_DECAY,
            1,
            -1,
            AdamWTask.BETA1,
            AdamWTask.BETA2,
            AdamWTask.EPSILON,
            false,
            true);
    try (NDArray watched = parameter.get(AdamWTask.watched(steps++))) {
      return watched.getFloat();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
