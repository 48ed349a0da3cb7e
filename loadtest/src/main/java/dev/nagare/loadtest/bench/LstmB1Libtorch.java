package dev.nagare.loadtest.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;

/**
 * {@link LstmB1} on libtorch through DJL: its fused LSTM, its autograd, its native Adam.
 *
 * <p>Written to be as quick as DJL allows: the last hidden state is taken instead of a slice of the
 * outputs, the clipping factor goes into Adam's own rescaling, every array of a step belongs to a
 * manager that is closed at its end.
 */
final class LstmB1Libtorch implements Workload {
  private final Engine engine;
  private final int threads;
  private final NDManager manager;
  private final List<NDArray> parameters;
  private final List<NDArray> firstMoments;
  private final List<NDArray> secondMoments;
  private final NDArray[] windows = new NDArray[LstmB1.WINDOWS];
  private final NDArray[] targets = new NDArray[LstmB1.WINDOWS];
  private final NDArray zeroState;
  private int steps;

  LstmB1Libtorch(int threads) {
    this.threads = threads;
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    engine = Engine.getEngine("PyTorch");
    manager = engine.newBaseManager(Device.cpu());
    var data = new LstmB1();
    long gates = 4L * LstmB1.HIDDEN;
    parameters =
        List.of(
            parameter(data.weightIh, gates, LstmB1.INPUT),
            parameter(data.weightHh, gates, LstmB1.HIDDEN),
            parameter(data.biasIh, gates),
            parameter(data.biasHh, gates),
            parameter(data.headWeight, LstmB1.OUTPUT, LstmB1.HIDDEN),
            parameter(data.headBias, LstmB1.OUTPUT));
    firstMoments = parameters.stream().map(p -> manager.zeros(p.getShape())).toList();
    secondMoments = parameters.stream().map(p -> manager.zeros(p.getShape())).toList();
    zeroState = manager.zeros(new Shape(1, 1, LstmB1.HIDDEN));
    for (int w = 0; w < LstmB1.WINDOWS; w++) {
      windows[w] = rows(data, w, LstmB1.TIME).reshape(1, LstmB1.TIME, LstmB1.INPUT);
      targets[w] = rows(data, w + LstmB1.TIME, 1);
    }
  }

  private NDArray parameter(float[] values, long... shape) {
    NDArray parameter = manager.create(values, new Shape(shape));
    parameter.setRequiresGradient(true);
    return parameter;
  }

  private NDArray rows(LstmB1 data, int from, int count) {
    int begin = from * LstmB1.INPUT;
    float[] values = java.util.Arrays.copyOfRange(data.rows, begin, begin + count * LstmB1.INPUT);
    return manager.create(values, new Shape(count, LstmB1.INPUT));
  }

  @Override
  public String description() {
    return "libtorch "
        + engine.getVersion()
        + " through DJL "
        + Engine.getDjlVersion()
        + ", "
        + threads
        + (threads == 1 ? " thread" : " threads");
  }

  @Override
  public float step() {
    NDArray window = windows[steps % LstmB1.WINDOWS];
    NDArray target = targets[steps % LstmB1.WINDOWS];
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
            .reshape(1, LstmB1.HIDDEN);
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
    float factor = (float) Math.min(1, LstmB1.CLIP_NORM / (Math.sqrt(squares) + 1e-6));
    double correction1 = 1 - StrictMath.pow(LstmB1.BETA1, steps);
    double correction2 = 1 - StrictMath.pow(LstmB1.BETA2, steps);
    float corrected = (float) (LstmB1.LEARNING_RATE * Math.sqrt(correction2) / correction1);
    for (int i = 0; i < gradients.length; i++) {
      NDArray parameter = parameters.get(i);
      parameter
          .getNDArrayInternal()
          .adamUpdate(
              new NDList(parameter, gradients[i], firstMoments.get(i), secondMoments.get(i)),
              new NDList(parameter),
              LstmB1.LEARNING_RATE,
              corrected,
              0,
              factor,
              -1,
              LstmB1.BETA1,
              LstmB1.BETA2,
              LstmB1.EPSILON,
              false,
              false);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
