package dev.nagare.loadtest.bench.train;

import dev.nagare.loadtest.bench.duel.Workload;
import dev.nagare.nn.Parameter;
import dev.nagare.optim.Adam;
import dev.nagare.optim.AdamW;
import dev.nagare.optim.ParameterGroup;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;

/** {@link AdamWTask} with our optimizer, whose step also sets the gradients to zero. */
final class AdamWNagare implements Workload {
  private static final Shape SHAPE = Shape.of(AdamWTask.PARAMETERS);

  private final Kernels kernels = KernelProviders.best().kernels();
  private final ProcessMemory memory = new ProcessMemory("benchmark adamw");
  private final Tensor gradient = memory.of(SHAPE, AdamWTask.gradients());
  private final Parameter parameter =
      new Parameter("weight", memory.of(SHAPE, AdamWTask.parameters()), memory.copyOf(gradient));
  private final AdamW adamW =
      new AdamW(
          kernels,
          memory,
          new Adam.Betas(AdamWTask.BETA1, AdamWTask.BETA2, AdamWTask.EPSILON),
          ParameterGroup.of(List.of(parameter)).withWeightDecay(AdamWTask.WEIGHT_DECAY));
  private int steps;

  @Override
  public String description() {
    return "Nagare, kernels " + kernels.id() + ", 1 thread, gradients zeroed";
  }

  @Override
  public void prepare() {
    parameter.gradient().copyFrom(gradient);
  }

  @Override
  public float step() {
    adamW.step(AdamWTask.LEARNING_RATE);
    return (float) parameter.value().get(AdamWTask.watched(steps++));
  }

  @Override
  public void close() {
    memory.close();
  }
}
