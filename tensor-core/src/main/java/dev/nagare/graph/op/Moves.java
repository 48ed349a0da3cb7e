package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.StridedCopy;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What operators that move elements have in common once shapes are fixed. */
final class Moves {
  private Moves() {}

  /** A tensor that the shape rule found to be there. */
  static Tensor operand(List<@Nullable Tensor> inputs, int index) {
    return Objects.requireNonNull(inputs.get(index));
  }

  /** Copies a view of any strides to another of the same shape. */
  static Step copy(Tensor from, Tensor to) {
    return StridedCopy.between(from, to)::run;
  }

  /** Copies one element between tensors of one dtype, exactly. */
  static void element(Tensor from, long at, Tensor to, long place) {
    if (from.dtype().isFloating()) {
      to.set(place, from.get(at));
    } else {
      to.setLong(place, from.getLong(at));
    }
  }

  /** Sets all elements of a dense tensor. */
  static void fill(Tensor tensor, double value) {
    long elements = tensor.elements();
    if (elements == 0) {
      return;
    }
    int bytes = tensor.dtype().bytes();
    MemorySegment segment = tensor.base();
    if (value == 0 && 1 / value > 0) {
      segment.fill((byte) 0);
      return;
    }
    set(tensor, 0, value);
    for (long done = 1; done < elements; done *= 2) {
      long more = Math.min(done, elements - done);
      MemorySegment.copy(segment, 0, segment, done * bytes, more * bytes);
    }
  }

  private static void set(Tensor tensor, long at, double value) {
    if (tensor.dtype() == DType.I64) {
      tensor.setLong(at, (long) value);
    } else {
      tensor.set(at, value);
    }
  }

  /** An index that may count from the end, checked. */
  static long index(String op, long index, long size) {
    long at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) {
      throw TensorException.mismatch(op + ": index " + index + " of " + size + " positions");
    }
    return at;
  }

  /** Refuses what is no list of positions. */
  static void indices(String op, Fact indices) {
    if (indices.dtype() != DType.I64 && indices.dtype() != DType.I32) {
      throw TensorException.mismatch(op + ": expected indices I64 or I32, got " + indices);
    }
  }

  /** Product of sizes from one axis up to but not including another. */
  static long product(Tensor tensor, int from, int to) {
    long product = 1;
    for (int axis = from; axis < to; axis++) {
      product *= tensor.dim(axis);
    }
    return product;
  }
}
