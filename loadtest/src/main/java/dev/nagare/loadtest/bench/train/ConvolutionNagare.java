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
import dev.nagare.tensor.kernel.Window;

/** A 3 x 3 convolution of images of 28 x 28 with 64 channels to as many, with a border of zeros. */
final class ConvolutionNagare implements Workload {
  private static final int BATCH = 16;
  private static final int SIZE = 28;
  private static final int CHANNELS = 64;
  private static final int KERNEL = 3;

  /** Pairs of a pixel and one under the kernel along an axis: none in the border, which is 0. */
  private static final int TOUCHED = KERNEL * SIZE - 2;

  /** Multiplications and additions that a convolution cannot do without. */
  static final double OPERATIONS = 2.0 * BATCH * TOUCHED * TOUCHED * CHANNELS * CHANNELS;

  private final Kernels kernels = KernelProviders.best().kernels();
  private final ProcessMemory memory = new ProcessMemory("benchmark convolution");
  private final Window window = Window.of(KERNEL, KERNEL).padding(1, 1);
  private final Tensor x = memory.empty(DType.F32, Shape.of(BATCH, SIZE, SIZE, CHANNELS));
  private final Tensor weight =
      memory.empty(DType.F32, Shape.of(CHANNELS, CHANNELS, KERNEL, KERNEL));
  private final Tensor y = memory.empty(DType.F32, Shape.of(BATCH, SIZE, SIZE, CHANNELS));

  ConvolutionNagare() {
    new Uniform(1).fill(x, new CounterRandom(25, 0, 0));
    new Uniform(1).fill(weight, new CounterRandom(25, 0, 1));
  }

  @Override
  public String description() {
    return "Nagare, kernels " + kernels.id() + ", 1 thread";
  }

  @Override
  public float step() {
    kernels.convolution().forward(window, 1, x, weight, null, y);
    return (float) y.get(0);
  }

  @Override
  public void close() {
    memory.close();
  }
}
