package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.lang.foreign.MemorySegment;

/** Checks the arguments of kernels whose operands may have any strides. */
final class StridedArguments {
  private StridedArguments() {}

  /** Checks an operand that is broadcast to the shape of the result, and lies apart from it. */
  static void operand(String op, String name, Tensor x, DType dtype, Tensor out) {
    dtype(op, name, x, dtype);
    broadcasts(op, name, x, out.shape());
    apart(op, name, x, "out", out);
  }

  static void out(String op, Tensor out, DType dtype) {
    dtype(op, "out", out, dtype);
    KernelArguments.writable(op, "out", out);
  }

  static void dtype(String op, String name, Tensor x, DType dtype) {
    if (x.dtype() != dtype) {
      throw TensorException.mismatch(op + ": " + name + " is " + x + ", expected " + dtype);
    }
  }

  static void broadcasts(String op, String name, Tensor x, Shape to) {
    int missing = to.rank() - x.shape().rank();
    boolean fits = missing >= 0;
    for (int axis = 0; fits && axis < x.shape().rank(); axis++) {
      long dim = x.dim(axis);
      fits = dim == 1 || dim == to.dim(axis + missing);
    }
    if (!fits) {
      throw TensorException.mismatch(
          op + ": " + name + " " + x.shape() + " cannot be broadcast to " + to);
    }
  }

  static void apart(String op, String name, Tensor x, String otherName, Tensor other) {
    MemorySegment one = x.base();
    MemorySegment two = other.base();
    if (one.address() < two.address() + two.byteSize()
        && two.address() < one.address() + one.byteSize()) {
      throw TensorException.mismatch(
          op + ": " + name + " " + x.shape() + " overlaps " + otherName + " " + other.shape());
    }
  }
}
