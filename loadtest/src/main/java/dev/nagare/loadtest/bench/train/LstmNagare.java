package dev.nagare.loadtest.bench.train;

import dev.nagare.autograd.Variable;
import dev.nagare.loadtest.bench.duel.Workload;
import dev.nagare.nn.Linear;
import dev.nagare.nn.Lstm;
import dev.nagare.nn.Module;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.loss.MseLoss;
import dev.nagare.optim.Adam;
import dev.nagare.optim.ClipNorm;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;

/** {@link LstmTask} on our own layers, written as a user would write it. */
final class LstmNagare implements Workload {
  private final Kernels kernels;
  private final ProcessMemory memory = new ProcessMemory("benchmark lstm");
  private final Replicas<Forecaster> replicas;
  private final MseLoss loss = new MseLoss();
  private final ClipNorm clip = new ClipNorm(LstmTask.CLIP_NORM);
  private final Adam adam;

  /** By batch and shard. */
  private final Tensor[][] windows;

  private final Tensor[][] targets;
  private int steps;

  private static final class Forecaster extends Module {
    final Lstm lstm;
    final Linear head;

    Forecaster(ParameterFactory factory, LstmTask task) {
      lstm = register("lstm", new Lstm(factory, task.input, task.hidden));
      head = register("head", new Linear(factory, task.hidden, task.input));
      // Replicas have the same values in the same memory: written again, nothing changes.
      lstm.copyFromTorch(task.weightIh, task.weightHh);
      lstm.parameter("bias_ih_l0").value().copyFrom(task.biasIh, 0);
      lstm.parameter("bias_hh_l0").value().copyFrom(task.biasHh, 0);
      head.parameter("weight").value().copyFrom(task.headWeight, 0);
      head.parameter("bias").value().copyFrom(task.headBias, 0);
    }

    Variable forward(Variable window) {
      return head.forward(lstm.forward(window).lastHidden());
    }
  }

  LstmNagare(LstmTask task, int shards) {
    // Products of one row are too small for a native call to pay.
    List<String> providers =
        task.batch == 1 ? List.of("vector", "scalar") : List.of("onednn", "vector", "scalar");
    kernels = KernelProviders.firstOf(providers).kernels();
    replicas = new Replicas<>(kernels, memory, shards, factory -> new Forecaster(factory, task));
    adam =
        new Adam(
            kernels,
            replicas.parameters(),
            memory,
            new Adam.Betas(LstmTask.BETA1, LstmTask.BETA2, LstmTask.EPSILON));
    windows = new Tensor[task.batches()][];
    targets = new Tensor[task.batches()][];
    for (int i = 0; i < windows.length; i++) {
      windows[i] =
          replicas.cut(memory.of(Shape.of(task.batch, task.time, task.input), task.windows(i)));
      targets[i] = replicas.cut(memory.of(Shape.of(task.batch, task.input), task.targets(i)));
    }
  }

  @Override
  public String description() {
    return "Nagare, kernels " + kernels.id() + ", " + replicas.threads();
  }

  @Override
  public float step() {
    int batch = steps++ % windows.length;
    float mse =
        replicas.backward(
            (model, tape, shard) -> {
              Variable forecast = model.forward(tape.constant(windows[batch][shard]));
              return loss.forward(forecast, tape.constant(targets[batch][shard]));
            });
    adam.step(LstmTask.LEARNING_RATE, clip.scale(ClipNorm.norm(kernels, replicas.parameters())));
    return mse;
  }

  @Override
  public void close() {
    replicas.close();
    memory.close();
  }
}
