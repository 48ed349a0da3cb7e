package dev.nagare.autograd;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * The k largest, or smallest, elements along an axis, the best first.
 *
 * <p>Shapes: {@code [.., n, ..] -> [.., k, ..]}, k at most n. Dtypes: F32, F64, in any strides;
 * indices I64. Of equal ones the first comes first; what is not a number counts as the largest.
 * Gradient: of the values to where they came from. Source: {@code torch.topk}, sorted.
 *
 * @param values the elements
 * @param indices where they were along the axis, a constant
 */
public record TopK(Variable values, Variable indices) {

  static TopK apply(Variable x, long k, int axis, boolean largest) {
    Tape tape = Tape.of("topK", x);
    Tensor value = x.value();
    int at = Axes.one("topK", value, axis);
    long n = value.dim(at);
    if (k < 0 || k > n || (value.dtype() != DType.F32 && value.dtype() != DType.F64)) {
      throw TensorException.mismatch(
          "topK: "
              + k
              + " along axis "
              + axis
              + " of "
              + value
              + ", expected F32 or F64 and 0 to "
              + n);
    }
    long[] dims = value.shape().toArray();
    dims[at] = k;
    Tensor indices = tape.scope().empty(DType.I64, Shape.of(dims));
    // Lines along the axis, each contiguous, in the same order in both.
    Tensor lines = value.transpose(at, -1).contiguous(tape.scope());
    Tensor chosen = indices.transpose(at, -1);
    long[] heap = new long[Math.toIntExact(k)];
    for (long line = 0, count = n == 0 ? 0 : lines.elements() / n; line < count; line++) {
      choose(lines, line * n, n, largest, heap);
      for (int i = 0; i < heap.length; i++) {
        chosen.setLong(line * k + i, heap[i]);
      }
    }
    return new TopK(Gather.apply(x, at, indices), tape.constant(indices));
  }

  /** Insertion into the sorted best so far: k is small where this is used. */
  private static void choose(Tensor lines, long from, long n, boolean largest, long[] best) {
    int filled = 0;
    for (long i = 0; i < n && best.length > 0; i++) {
      double value = lines.get(from + i);
      int place = filled;
      while (place > 0 && wins(value, lines.get(from + best[place - 1]), largest)) {
        place--;
      }
      if (place < best.length) {
        filled = Math.min(filled + 1, best.length);
        System.arraycopy(best, place, best, place + 1, filled - 1 - place);
        best[place] = i;
      }
    }
  }

  private static boolean wins(double a, double b, boolean largest) {
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return largest ? Double.isNaN(a) && !Double.isNaN(b) : Double.isNaN(b) && !Double.isNaN(a);
    }
    return largest ? a > b : a < b;
  }
}
