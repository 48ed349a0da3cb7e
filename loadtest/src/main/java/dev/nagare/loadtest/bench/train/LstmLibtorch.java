package dev.nagare.loadtest.bench.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.nagare.loadtest.bench.duel.Workload;
import java.util.List;

/**
 * {@link LstmTask} on libtorch through DJL: its fused LSTM, its autograd, its native Adam.
 *
 * <p>Written to be as quick as DJL allows: the last hidden state is taken instead of a slice of the
 * outputs, the clipping factor goes into Adam's own rescaling, every array of a step belongs to a
 * manager that is closed at its end.
 */
final class LstmLibtorch implements Workload {
  private final LstmTask task;
  private final Engine engine;
  private final int threads;
  private final NDManager manager;
  private final List<NDArray> parameters;
  private final List<NDArray> firstMoments;
  private final List<NDArray> secondMoments;
  private final NDArray[] windows;
  private final NDArray[] targets;
  private final NDArray zeroState;
  private int steps;

  LstmLibtorch(LstmTask task, int threads) {
    this.task = task;
    this.threads = threads;
    engine = Libtorch.engine(threads);
    manager = engine.newBaseManager(Device.cpu());
    long gates = 4L * task.hidden;
    parameters =
        List.of(
            parameter(task.weightIh, gates, task.input),
            parameter(task.weightHh, gates, task.hidden),
            parameter(task.biasIh, gates),
            parameter(task.biasHh, gates),
            parameter(task.headWeight, task.input, task.hidden),
            parameter(task.headBias, task.input));
    firstMoments = parameters.stream().map(p -> manager.zeros(p.getShape())).toList();
    secondMoments = parameters.stream().map(p -> manager.zeros(p.getShape())).toList();
    zeroState = manager.zeros(new Shape(1, task.batch, task.hidden));
    windows = new NDArray[task.batches()];
    targets = new NDArray[task.batches()];
    for (int i = 0; i < windows.length; i++) {
      windows[i] = manager.create(task.windows(i), new Shape(task.batch, task.time, task.input));
      targets[i] = manager.create(task.targets(i), new Shape(task.batch, task.input));
    }
  }

  private NDArray parameter(float[] values, long... shape) {
    NDArray parameter = manager.create(values, new Shape(shape));
    parameter.setRequiresGradient(true);
    return parameter;
  }

  @Override
  public String description() {
    return Libtorch.description(engine, threads);
  }

  @Override
  public float step() {
    NDArray window = windows[steps % windows.length];
    NDArray target = targets[steps % targets.length];
    steps++;
    try (NDManager scope = manager.newSubManager()) {
      window.tempAttach(scope); // what is computed from it belongs to the scope
      float loss;
      try (GradientCollector collector = engine.newGradientCollector()) {
        NDArray error = forward(window).sub(target);
        NDArray mean = error.mul(error).mean();
        collector.backward(mean);
        loss = mean.getFloat();
      }
      update(scope);
      return loss;
    }
  }

  private NDArray forward(NDArray window) {
    NDList states = new NDList(zeroState, zeroState);
    NDList weights = new NDList(parameters.subList(0, 4));
    NDArray lastHidden =
        window
            .getNDArrayInternal()
            .lstm(window, states, weights, true, 1, 0, true, false, true)
            .get(1)
            .reshape(task.batch, task.hidden);
    return lastHidden
        .getNDArrayInternal()
        .linear(lastHidden, parameters.get(4), parameters.get(5))
        .head();
  }

  private void update(NDManager scope) {
    NDArray[] gradients = new NDArray[parameters.size()];
    double squares = 0;
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] = parameters.get(i).getGradient();
      gradients[i].attach(scope);
      float norm = gradients[i].norm().getFloat();
      squares += (double) norm * norm;
    }
    float factor = (float) Math.min(1, LstmTask.CLIP_NORM / (Math.sqrt(squares) + 1e-6));
    double correction1 = 1 - StrictMath.pow(LstmTask.BETA1, steps);
    double correction2 = 1 - StrictMath.pow(LstmTask.BETA2, steps);
    float corrected = (float) (LstmTask.LEARNING_RATE * Math.sqrt(correction2) / correction1);
    for (int i = 0; i < gradients.length; i++) {
      NDArray parameter = parameters.get(i);
      parameter
          .getNDArrayInternal()
          .adamUpdate(
              new NDList(parameter, gradients[i], firstMoments.get(i), secondMoments.get(i)),
              new NDList(parameter),
              LstmTask.LEARNING_RATE,
              corrected,
              0,
              factor,
              -1,
              LstmTask.BETA1,
              LstmTask.BETA2,
              LstmTask.EPSILON,
              false,
              false);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
