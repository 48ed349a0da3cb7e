package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;

/**
 * Matrix products of the last two axes, with the axes in front broadcast.
 *
 * <p>Shapes: {@code [.., M, K], [.., K, N] -> [.., M, N]}. Dtypes: F32, F64; matrices in row-major
 * order or transposed are multiplied where they are, others are copied first. Gradient: to both
 * operands, summed over the products that share a matrix. Source: {@code torch.matmul} for two axes
 * and more.
 */
final class BatchedMatMul extends Node {
  private final Matrices left;
  private final Matrices right;

  /** One operand. */
  private static final class Matrices {
    /** {@code [batch, rows, columns]}, contiguous. */
    final Tensor all;

    /** Whether each matrix is stored as its transposed. */
    final boolean transposed;

    /** The matrix of each product. */
    final int[] which;

    Matrices(Tensor all, boolean transposed, int[] which) {
      this.all = all;
      this.transposed = transposed;
      this.which = which;
    }

    Tensor of(int product) {
      return all.select(0, which[product]);
    }
  }

  private BatchedMatMul(Variable a, Variable b, Matrices left, Matrices right) {
    super("matmul", a, b);
    this.left = left;
    this.right = right;
  }

  static Variable apply(Variable a, Variable b) {
    Tape tape = Tape.of("matmul", a, b);
    Broadcast.requireDtype("matmul", a, b);
    if (a.shape().rank() < 2 || b.shape().rank() < 2 || a.value().dim(-1) != b.value().dim(-2)) {
      throw TensorException.mismatch(
          "matmul: expected [.., M, K] and [.., K, N], got " + a + " and " + b);
    }
    Shape batch = Broadcast.shape("matmul", batch(a.shape()), batch(b.shape()));
    Matrices left = matrices(tape, a.value(), batch);
    Matrices right = matrices(tape, b.value(), batch);
    long[] dims = Arrays.copyOf(batch.toArray(), batch.rank() + 2);
    dims[dims.length - 2] = a.value().dim(-2);
    dims[dims.length - 1] = b.value().dim(-1);
    Tensor out = tape.scope().empty(a.value().dtype(), Shape.of(dims));
    Tensor products = flat(out);
    for (int i = 0; i < left.which.length; i++) {
      product(tape, left, right, i, products.select(0, i));
    }
    return tape.record(new BatchedMatMul(a, b, left, right), out);
  }

  private static void product(Tape tape, Matrices left, Matrices right, int i, Tensor out) {
    if (left.transposed) {
      tape.kernels().matmul(left.of(i), true, right.of(i), right.transposed, null, out, false);
    } else {
      Rows.product(tape, left.of(i), right.of(i), right.transposed, null, out);
    }
  }

  private static Matrices matrices(Tape tape, Tensor x, Shape batch) {
    boolean transposed = !x.isContiguous() && x.transpose(-2, -1).isContiguous();
    Tensor dense = transposed ? x.transpose(-2, -1) : x.contiguous(tape.scope());
    return new Matrices(flat(dense), transposed, which(batch(x.shape()), batch));
  }

  /** {@code [batch, rows, columns]} of a contiguous tensor. */
  private static Tensor flat(Tensor x) {
    return x.reshape(batch(x.shape()).elements(), x.dim(-2), x.dim(-1));
  }

  private static Shape batch(Shape shape) {
    return Shape.of(Arrays.copyOf(shape.toArray(), shape.rank() - 2));
  }

  /** For each matrix of the result the one of the operand. */
  private static int[] which(Shape own, Shape batch) {
    int[] which = new int[Math.toIntExact(batch.elements())];
    for (int i = 0; i < which.length; i++) {
      long rest = i;
      long stride = 1;
      for (int axis = 1; axis <= own.rank(); axis++) {
        long at = rest % batch.dim(-axis);
        rest /= batch.dim(-axis);
        which[i] += (int) (own.dim(-axis) == 1 ? 0 : at * stride);
        stride *= own.dim(-axis);
      }
    }
    return which;
  }

  @Override
  protected Value trace(Tracing into) {
    return into.add(
        new dev.nagare.graph.op.MatMul(false, false), into.value(input(0)), into.value(input(1)));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dy = flat(gradient);
    if (input(0).requiresGradient()) {
      MemoryOrder.add(tape, input(0), null, da -> addLeft(tape, dy, flat(da)));
    }
    if (input(1).requiresGradient()) {
      MemoryOrder.add(tape, input(1), null, db -> addRight(tape, dy, flat(db)));
    }
  }

  private void addLeft(Tape tape, Tensor dy, Tensor da) {
    for (int i = 0; i < left.which.length; i++) {
      Tensor to = da.select(0, left.which[i]);
      tape.kernels().matmul(dy.select(0, i), false, right.of(i), !right.transposed, null, to, true);
    }
  }

  private void addRight(Tape tape, Tensor dy, Tensor db) {
    for (int i = 0; i < right.which.length; i++) {
      Tensor to = db.select(0, right.which[i]);
      tape.kernels().matmul(left.of(i), !left.transposed, dy.select(0, i), false, null, to, true);
    }
  }
}
