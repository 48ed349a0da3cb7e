package dev.nagare.loadtest.bench.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A training step of libtorch: the loss in TorchScript, its own autograd, and its fused optimizers
 * over all parameters at once, which are quicker than DJL's update of one parameter at a time.
 */
final class TorchTraining implements AutoCloseable {
  /** What an update ends with; were p and g not returned, libtorch would leave it all out. */
  static final String ZEROED = "torch._foreach_zero_(g)\nreturn [p[0], g[0]]";

  private final Engine engine;
  private final PtNDManager manager;
  private final List<NDArray> parameters = new ArrayList<>();
  private final List<List<NDArray>> states = new ArrayList<>();
  private final List<NDArray> buffers = new ArrayList<>();
  private final TorchScript loss;
  private final TorchScript update;
  private int steps;

  /**
   * What a task leaves open.
   *
   * @param loss body with inputs x and y, parameters p0, p1, .. and buffers b0, b1, ..; returns
   *     {@code [loss]}
   * @param update body with parameters p0, .., gradients g0, .., states m0, .., v0, .. and the
   *     step's number t; sets p and g and ends with {@link #ZEROED}
   * @param states per parameter
   * @param buffers first values of buffers
   * @param channelsLast whether images and filters lie so in memory
   */
  record Plan(String loss, String update, int states, List<Weight> buffers, boolean channelsLast) {}

  TorchTraining(int threads, List<Weight> weights, Plan plan) {
    engine = Libtorch.engine(threads);
    manager = (PtNDManager) engine.newBaseManager(Device.cpu());
    for (Weight weight : weights) {
      NDArray parameter = place(weight.values(), plan.channelsLast, weight.dims());
      parameter.setRequiresGradient(true);
      parameters.add(parameter);
    }
    for (int i = 0; i < plan.states; i++) {
      List<NDArray> all = new ArrayList<>();
      for (Weight weight : weights) {
        all.add(place(new float[weight.values().length], plan.channelsLast, weight.dims()));
      }
      states.add(all);
    }
    plan.buffers.forEach(b -> buffers.add(manager.create(b.values(), new Shape(b.dims()))));
    List<String> arguments = new ArrayList<>(List.of("x", "y"));
    arguments.addAll(names("p", weights.size()));
    arguments.addAll(names("b", buffers.size()));
    loss = new TorchScript(manager, arguments, plan.loss);
    arguments = new ArrayList<>(List.of("t"));
    arguments.addAll(names("p", weights.size()));
    arguments.addAll(names("g", weights.size()));
    for (String state : List.of("m", "v").subList(0, plan.states)) {
      arguments.addAll(names(state, weights.size()));
    }
    update = new TorchScript(manager, arguments, plan.update);
  }

  /** Names with numbers, from 0 on. */
  static List<String> names(String letter, int count) {
    return IntStream.range(0, count).mapToObj(i -> letter + i).toList();
  }

  /** A list of tensors that an optimizer may change: autograd does not watch them. */
  static String detached(String letter, int count) {
    return names(letter, count).stream()
        .map(name -> "torch.detach(" + name + ")")
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** An array of the training's manager, of four axes channels-last if wanted. */
  NDArray place(float[] values, boolean channelsLast, long... dims) {
    NDArray array = manager.create(values, new Shape(dims));
    if (!channelsLast || dims.length != 4) {
      return array;
    }
    var last =
        new TorchScript(
            manager, List.of("x"), "return [torch.clone(x, memory_format=2)]"); // channels_last
    try (array) {
      return last.call(List.of(array)).singletonOrThrow();
    }
  }

  /** Class numbers, or those of words. */
  NDArray numbers(long[] values, long... dims) {
    return manager.create(values, new Shape(dims));
  }

  String description(int threads, boolean channelsLast) {
    return Libtorch.description(engine, threads) + (channelsLast ? ", channels last" : "");
  }

  /** One step; returns its loss. */
  float step(NDArray x, NDArray y) {
    try (NDManager scope = manager.newSubManager()) {
      x.tempAttach(scope); // what is computed from it belongs to the scope
      List<NDArray> arguments = new ArrayList<>(List.of(x, y));
      arguments.addAll(parameters);
      arguments.addAll(buffers);
      float value;
      try (GradientCollector collector = engine.newGradientCollector()) {
        NDArray mean = loss.call(arguments).singletonOrThrow();
        collector.backward(mean);
        value = mean.getFloat();
      }
      List<NDArray> all = new ArrayList<>();
      all.add(scope.create((float) ++steps));
      all.addAll(parameters);
      for (NDArray parameter : parameters) {
        NDArray gradient = parameter.getGradient();
        gradient.attach(scope);
        all.add(gradient);
      }
      states.forEach(all::addAll);
      update.call(all).close();
      return value;
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
