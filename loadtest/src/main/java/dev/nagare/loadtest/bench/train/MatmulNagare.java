package dev.nagare.loadtest.bench.train;

import dev.nagare.loadtest.bench.duel.Workload;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;

/** A product of two square matrices. */
final class MatmulNagare implements Workload {
  static final int SIZE = 512;

  /** Multiplications and additions of one product. */
  static final double OPERATIONS = 2.0 * SIZE * SIZE * SIZE;

  private final Kernels kernels = KernelProviders.best().kernels();
  private final ProcessMemory memory = new ProcessMemory("benchmark matmul");
  private final Tensor a = memory.empty(DType.F32, Shape.of(SIZE, SIZE));
  private final Tensor b = memory.empty(DType.F32, Shape.of(SIZE, SIZE));
  private final Tensor out = memory.empty(DType.F32, Shape.of(SIZE, SIZE));

  MatmulNagare() {
    new Uniform(1).fill(a, new CounterRandom(22, 0, 0));
    new Uniform(1).fill(b, new CounterRandom(22, 0, 1));
  }

  @Override
  public String description() {
    return "Nagare, kernels " + kernels.id() + ", 1 thread";
  }

  @Override
  public float step() {
    kernels.matmul(a, false, b, false, null, out, false);
    return (float) out.get(0);
  }

  @Override
  public void close() {
    memory.close();
  }
}
