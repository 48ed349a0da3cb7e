package dev.nagare.nn;

import dev.nagare.nn.init.Initializer;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
  private final @Nullable List<Parameter> originals;
  private final List<Parameter> made = new ArrayList<>();

  /** Creates a factory; whoever owns the memory closes it after the model's last use. */
  public ParameterFactory(ProcessMemory memory, DType dtype, long seed) {
    this(memory, dtype, seed, null);
  }

  private ParameterFactory(
      ProcessMemory memory, DType dtype, long seed, @Nullable List<Parameter> originals) {
    this.memory = memory;
    this.dtype = dtype;
    this.seed = seed;
    this.originals = originals;
  }

  /**
   * A factory for a second model built in the same way as the first: its parameters have the same
   * values, in the same memory, and gradients of their own.
   */
  public ParameterFactory replica() {
    return new ParameterFactory(memory, dtype, seed, List.copyOf(made));
  }

  /**
   * Makes the next parameter.
   *
   * @throws TensorException kind MISMATCH if this makes a replica and the original was another
   */
  public Parameter create(String name, Initializer initializer, long... dims) {
    Shape shape = Shape.of(dims);
    Tensor value;
    if (originals == null) {
      value = memory.empty(dtype, shape);
      initializer.fill(value, new CounterRandom(seed, 0, made.size()));
    } else {
      value = original(name, shape);
    }
    var parameter = new Parameter(name, value, memory.zeros(dtype, shape));
    made.add(parameter);
    return parameter;
  }

  private Tensor original(String name, Shape shape) {
    int index = made.size();
    List<Parameter> all = originals == null ? List.of() : originals;
    Parameter original = index < all.size() ? all.get(index) : null;
    if (original == null || !original.name().equals(name) || !original.shape().equals(shape)) {
      throw TensorException.mismatch(
          "replica: parameter " + index + " is " + name + " " + shape + ", expected " + original);
    }
    return original.value();
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
