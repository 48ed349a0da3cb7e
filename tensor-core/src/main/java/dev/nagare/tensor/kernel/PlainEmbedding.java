package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.lang.foreign.MemorySegment;

/** {@link Embedding} in plain Java. */
final class PlainEmbedding implements Embedding {
  private final Loops f32;
  private final Loops f64;

  PlainEmbedding(Loops f32, Loops f64) {
    this.f32 = f32;
    this.f64 = f64;
  }

  @Override
  public void forward(Tensor weight, Tensor indices, Tensor out) {
    if (!Widened.takes(weight)) { // rows of BF16 are copied as they are
      KernelArguments.floating("embedding", "weight", weight);
    }
    check("embedding", weight, indices, out);
    KernelArguments.writable("embedding", "out", out);
    KernelArguments.apart("embedding", "out", out, "weight", weight);
    StridedArguments.apart("embedding", "out", out, "indices", indices);
    long bytes = weight.dim(1) * weight.dtype().bytes();
    MemorySegment from = weight.segment();
    MemorySegment to = out.segment();
    for (long i = 0; i < indices.elements(); i++) {
      MemorySegment.copy(from, indices.getLong(i) * bytes, to, i * bytes, bytes);
    }
  }

  @Override
  public void backward(Tensor indices, Tensor dy, long paddingIndex, Tensor dWeight) {
    KernelArguments.floating("embeddingBackward", "dWeight", dWeight);
    check("embeddingBackward", dWeight, indices, dy);
    KernelArguments.writable("embeddingBackward", "dWeight", dWeight);
    KernelArguments.apart("embeddingBackward", "dWeight", dWeight, "dy", dy);
    // They are read between the writes.
    StridedArguments.apart("embeddingBackward", "dWeight", dWeight, "indices", indices);
    Loops loops = dy.dtype() == DType.F32 ? f32 : f64;
    long n = dWeight.dim(1);
    long bytes = n * dWeight.dtype().bytes();
    long sums = dWeight.segment().address();
    long up = dy.segment().address();
    for (long i = 0; i < indices.elements(); i++) {
      long index = indices.getLong(i);
      if (index != paddingIndex) {
        long to = sums + index * bytes;
        loops.binary(Kernels.Binary.ADD, to, up + i * bytes, to, n);
      }
    }
  }

  private static void check(String op, Tensor weight, Tensor indices, Tensor out) {
    KernelArguments.rank(op, "weight", weight, 2);
    KernelArguments.dtype(op, "out", out, weight);
    int rank = indices.shape().rank();
    boolean fits = out.shape().rank() == rank + 1 && out.dim(-1) == weight.dim(1);
    for (int axis = 0; fits && axis < rank; axis++) {
      fits = out.dim(axis) == indices.dim(axis);
    }
    if (!fits) {
      throw TensorException.mismatch(
          op
              + ": expected a row of "
              + weight
              + " for each of the indices "
              + indices.shape()
              + ", got "
              + out.shape());
    }
    for (long i = 0; i < indices.elements(); i++) {
      var _ = KernelArguments.number(op, "index", indices, i, weight.dim(0));
    }
  }
}
