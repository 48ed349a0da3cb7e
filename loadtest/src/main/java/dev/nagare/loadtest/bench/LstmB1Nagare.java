package dev.nagare.loadtest.bench;

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

/** {@link LstmB1} on our own layers, written as a user would write it. */
final class LstmB1Nagare implements Workload {
  private static final long SCOPE_BYTES = 1 << 20;

  private final Kernels kernels;
  private final ProcessMemory memory = new ProcessMemory("benchmark lstm-b1");
  private final Scope scope = new Scope(SCOPE_BYTES);
  private final Tape tape;
  private final Lstm lstm;
  private final Linear head;
  private final MseLoss loss = new MseLoss();
  private final ClipNorm clip = new ClipNorm(LstmB1.CLIP_NORM);
  private final List<Parameter> parameters = new ArrayList<>();
  private final Adam adam;
  private final Tensor rows;
  private int steps;

  LstmB1Nagare() {
    kernels = KernelProviders.firstOf(List.of("vector", "scalar")).kernels();
    tape = new Tape(kernels, scope);
    var factory = new ParameterFactory(memory, DType.F32, 1);
    lstm = new Lstm(factory, LstmB1.INPUT, LstmB1.HIDDEN);
    head = new Linear(factory, LstmB1.HIDDEN, LstmB1.OUTPUT);
    parameters.addAll(lstm.parameters());
    parameters.addAll(head.parameters());
    var data = new LstmB1();
    lstm.copyFromTorch(data.weightIh, data.weightHh);
    lstm.parameter("bias_ih_l0").value().copyFrom(data.biasIh, 0);
    lstm.parameter("bias_hh_l0").value().copyFrom(data.biasHh, 0);
    head.parameter("weight").value().copyFrom(data.headWeight, 0);
    head.parameter("bias").value().copyFrom(data.headBias, 0);
    adam =
        new Adam(
            kernels,
            parameters,
            memory,
            new Adam.Betas(LstmB1.BETA1, LstmB1.BETA2, LstmB1.EPSILON));
    rows = memory.of(Shape.of(LstmB1.WINDOWS + LstmB1.TIME, LstmB1.INPUT), data.rows);
  }

  @Override
  public String description() {
    return "Nagare, kernels " + kernels.id() + ", 1 thread";
  }

  @Override
  public float step() {
    int window = steps++ % LstmB1.WINDOWS;
    Tensor x = rows.narrow(window, LstmB1.TIME).reshape(1, LstmB1.TIME, LstmB1.INPUT);
    Variable forecast = head.forward(lstm.forward(tape.constant(x)).lastHidden());
    Variable mse =
        loss.forward(forecast, tape.constant(rows.narrow((long) window + LstmB1.TIME, 1)));
    mse.backward();
    adam.step(LstmB1.LEARNING_RATE, clip.scale(ClipNorm.norm(kernels, parameters)));
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
