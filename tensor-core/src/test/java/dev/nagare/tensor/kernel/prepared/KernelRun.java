package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.BFloat16;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A prepared kernel with random arguments. */
final class KernelRun implements AutoCloseable {
  final PreparedKernel kernel;
  final PreparedKernel.Call call;
  final List<Tensor> inputs = new ArrayList<>();
  final List<@Nullable Tensor> operands = new ArrayList<>();
  final @Nullable Tensor weight;
  final @Nullable Tensor bias;
  final Tensor output;

  KernelRun(PreparedKernel kernel, Arguments arguments, Memory memory, SplittableRandom random) {
    this.kernel = kernel;
    this.call = kernel.call(memory);
    for (Expected expected : arguments.inputs()) {
      inputs.add(random(memory, random, expected));
      call.input(inputs.size() - 1, inputs.getLast());
    }
    Expected w = arguments.weight();
    weight = w == null ? null : random(memory, random, w);
    if (weight != null) {
      Tensor packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
      kernel.pack(weight, packed);
      call.weight(packed);
    }
    Expected b = arguments.bias();
    bias = b == null ? null : random(memory, random, b);
    if (bias != null) {
      call.bias(bias);
    }
    for (int i = 0; i < arguments.operands().size(); i++) {
      Expected expected = arguments.operands().get(i);
      operands.add(expected == null ? null : random(memory, random, expected));
      Tensor operand = operands.getLast();
      if (operand != null) {
        call.operand(i, operand);
      }
    }
    output = memory.empty(arguments.output().dtype(), arguments.output().shape());
    output.fill(Double.NaN);
    call.output(output);
  }

  private static Tensor random(Memory memory, SplittableRandom random, Expected expected) {
    Tensor tensor = memory.empty(expected.dtype(), expected.shape());
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, 2 * random.nextDouble() - 1);
    }
    return tensor;
  }

  /** Runs and answers the result. */
  double[] run() {
    call.run();
    return values(output);
  }

  static double[] values(Tensor x) {
    double[] values = new double[(int) x.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = x.get(i);
    }
    return values;
  }

  /** The weight as the kernel sees it: rounded where it computes in BF16. */
  double[] weight(DType dtype) {
    double[] values = values(java.util.Objects.requireNonNull(weight));
    for (int i = 0; i < values.length && dtype == DType.BF16; i++) {
      values[i] = BFloat16.toFloat(BFloat16.of(values[i]));
    }
    return values;
  }

  @Override
  public void close() {
    call.close();
    kernel.close();
  }
}
