package dev.nagare.loadtest.bench.train;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.Linear;
import dev.nagare.nn.Lstm;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.loss.MseLoss;
import dev.nagare.optim.Adam;
import dev.nagare.optim.ClipNorm;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/** {@link LstmTask} on our own layers, written as a user would write it. */
final class LstmNagare implements Workload {
  private static final long SCOPE_BYTES = 1 << 20;

  private final Kernels kernels;
  private final ProcessMemory memory = new ProcessMemory("benchmark lstm");
  private final Scope scope = new Scope(SCOPE_BYTES);
  private final Tape tape;
  private final Lstm lstm;
  private final Linear head;
  private final MseLoss loss = new MseLoss();
  private final ClipNorm clip = new ClipNorm(LstmTask.CLIP_NORM);
  private final List<Parameter> parameters = new ArrayList<>();
  private final Adam adam;
  private final Tensor[] windows;
  private final Tensor[] targets;
  private int steps;

  LstmNagare(LstmTask task) {
    // Products of one row are too small for a native call to pay.
    List<String> providers =
        task.batch == 1 ? List.of("vector", "scalar") : List.of("onednn", "vector", "scalar");
    kernels = KernelProviders.firstOf(providers).kernels();
    tape = new Tape(kernels, scope);
    var factory = new ParameterFactory(memory, DType.F32, 1);
    lstm = new Lstm(factory, task.input, task.hidden);
    head = new Linear(factory, task.hidden, task.input);
    parameters.addAll(lstm.parameters());
    parameters.addAll(head.parameters());
    lstm.copyFromTorch(task.weightIh, task.weightHh);
    lstm.parameter("bias_ih_l0").value().copyFrom(task.biasIh, 0);
    lstm.parameter("bias_hh_l0").value().copyFrom(task.biasHh, 0);
    head.parameter("weight").value().copyFrom(task.headWeight, 0);
    head.parameter("bias").value().copyFrom(task.headBias, 0);
    adam =
        new Adam(
            kernels,
            parameters,
            memory,
            new Adam.Betas(LstmTask.BETA1, LstmTask.BETA2, LstmTask.EPSILON));
    windows = new Tensor[task.batches()];
    targets = new Tensor[task.batches()];
    for (int i = 0; i < windows.length; i++) {
      windows[i] = memory.of(Shape.of(task.batch, task.time, task.input), task.windows(i));
      targets[i] = memory.of(Shape.of(task.batch, task.input), task.targets(i));
    }
  }

  @Override
  public String description() {
    return "Nagare, kernels " + kernels.id() + ", 1 thread";
  }

  @Override
  public float step() {
    int batch = steps++ % windows.length;
    Variable forecast = head.forward(lstm.forward(tape.constant(windows[batch])).lastHidden());
    Variable mse = loss.forward(forecast, tape.constant(targets[batch]));
    mse.backward();
    adam.step(LstmTask.LEARNING_RATE, clip.scale(ClipNorm.norm(kernels, parameters)));
    float value = (float) mse.item();
    tape.reset();
    return value;
  }

  @Override
  public void close() {
    scope.close();
    memory.close();
  }
}
