package dev.nagare.nn;

import dev.nagare.nn.init.Initializer;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/**
 * Where the parameters of a model come from: memory, dtype and first values.
 *
 * <p>The first values of the k-th parameter are a function of (seed, k), so a model is a function
 * of its seed and of the order in which its layers are made. Not thread-safe.
 */
public final class ParameterFactory {
  private final ProcessMemory memory;
  private final DType dtype;
  private final long seed;
  private int made;

  /** Creates a factory; whoever owns the memory closes it after the model's last use. */
  public ParameterFactory(ProcessMemory memory, DType dtype, long seed) {
    this.memory = memory;
    this.dtype = dtype;
    this.seed = seed;
  }

  /** Makes the next parameter. */
  public Parameter create(String name, Initializer initializer, long... dims) {
    Shape shape = Shape.of(dims);
    Tensor value = memory.empty(dtype, shape);
    initializer.fill(value, new CounterRandom(seed, 0, made++));
    return new Parameter(name, value, memory.zeros(dtype, shape));
  }

  /** Makes a tensor for {@link Module#registerBuffer}, all its elements of one value. */
  Tensor buffer(double value, long... dims) {
    Tensor buffer = memory.empty(dtype, Shape.of(dims));
    for (long i = 0; i < buffer.elements(); i++) {
      buffer.set(i, value);
    }
    return buffer;
  }

  /** Makes a count, I64, that begins with 0. */
  Tensor count() {
    return memory.zeros(DType.I64, Shape.of());
  }
}
