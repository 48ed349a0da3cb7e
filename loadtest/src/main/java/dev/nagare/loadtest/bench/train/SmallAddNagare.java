package dev.nagare.loadtest.bench.train;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.loadtest.bench.duel.Workload;
import dev.nagare.nn.Parameter;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;

/** {@link SmallAdd} on a tape that is reset after each step. */
final class SmallAddNagare implements Workload {
  private static final Shape SHAPE = Shape.of(16);

  private final Kernels kernels = KernelProviders.best().kernels();
  private final ProcessMemory memory = new ProcessMemory("benchmark op-small");
  private final Scope scope = new Scope(1 << 16);
  private final Tape tape = new Tape(kernels, scope);
  private final Tensor second = memory.of(SHAPE, SmallAdd.operand(2));
  private final Parameter first =
      new Parameter("first", memory.of(SHAPE, SmallAdd.operand(1)), memory.zeros(DType.F32, SHAPE));

  @Override
  public String description() {
    return "Nagare, kernels " + kernels.id() + ", 1 thread";
  }

  @Override
  public float step() {
    Variable constant = tape.constant(second);
    Variable sum = first.add(constant);
    for (int i = 1; i < SmallAdd.ADDITIONS; i++) {
      sum = first.add(constant);
    }
    if (!sum.requiresGradient()) {
      throw new IllegalStateException("op-small: no gradient is recorded");
    }
    float value = (float) sum.value().get(15);
    tape.reset();
    return value;
  }

  @Override
  public void close() {
    scope.close();
    memory.close();
  }
}
