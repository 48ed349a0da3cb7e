package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Checks the arguments of {@link Kernels}, the same for every provider and before any memory is
 * touched.
 *
 * <p>Each method throws {@link TensorException} of kind MISMATCH that names the operation, what was
 * expected and what was got; a tensor that has ended is refused, with kind CLOSED, when the
 * provider asks for its memory.
 */
public final class KernelArguments {
  private KernelArguments() {}

  /** Checks {@link Kernels#matmul}. */
  public static void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      @Nullable Tensor bias,
      Tensor out,
      boolean accumulate) {
    String op = "matmul";
    rank(op, "a", a, 2);
    rank(op, "b", b, 2);
    rank(op, "out", out, 2);
    dtype(op, "b", b, a);
    dtype(op, "out", out, a);
    long m = a.dim(transposeA ? 1 : 0);
    long k = a.dim(transposeA ? 0 : 1);
    long n = b.dim(transposeB ? 0 : 1);
    if (b.dim(transposeB ? 1 : 0) != k || out.dim(0) != m || out.dim(1) != n) {
      throw TensorException.mismatch(
          op
              + ": a "
              + a.shape()
              + (transposeA ? " transposed" : "")
              + " times b "
              + b.shape()
              + (transposeB ? " transposed" : "")
              + " does not fit out "
              + out.shape()
              + ", expected [M, K] times [K, N] into [M, N]");
    }
    writable(op, "out", out);
    apart(op, "out", out, "a", a);
    apart(op, "out", out, "b", b);
    if (bias != null) {
      if (accumulate) {
        throw TensorException.mismatch(op + ": bias given while accumulating, expected null");
      }
      dtype(op, "bias", bias, a);
      shape(op, "bias", bias, n);
      apart(op, "out", out, "bias", bias);
    }
  }

  /** Checks {@link Kernels#addColumnSums}. */
  public static void addColumnSums(Tensor x, Tensor out) {
    rank("addColumnSums", "x", x, 2);
    dtype("addColumnSums", "out", out, x);
    shape("addColumnSums", "out", out, x.dim(1));
    writable("addColumnSums", "out", out);
    apart("addColumnSums", "out", out, "x", x);
  }

  /** Checks {@link Kernels#lstmForward}. */
  public static void lstmForward(
      Tensor gates, Tensor weightHh, Tensor h0, Tensor c0, Tensor h, Tensor c) {
    lstm("lstmForward", gates, weightHh, h0, c0, h, c);
  }

  /** Checks {@link Kernels#lstmBackward}. */
  public static void lstmBackward(
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      Tensor c0,
      Tensor h,
      Tensor c,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0,
      Tensor dc0) {
    String op = "lstmBackward";
    lstm(op, gates, weightHh, h0, c0, h, c);
    same(op, "dh", dh, "h", h);
    same(op, "dWeightHh", dWeightHh, "weightHh", weightHh);
    same(op, "dh0", dh0, "h0", h0);
    same(op, "dc0", dc0, "c0", c0);
    writable(op, "dh", dh);
    writable(op, "dWeightHh", dWeightHh);
    writable(op, "dh0", dh0);
    writable(op, "dc0", dc0);
    apart(op, "dh", dh, "h", h);
    apart(op, "dh", dh, "gates", gates);
    apart(op, "dWeightHh", dWeightHh, "weightHh", weightHh);
    apart(op, "dh0", dh0, "h0", h0);
    apart(op, "dc0", dc0, "c0", c0);
    apart(op, "dc0", dc0, "dh0", dh0);
  }

  /** Checks {@link Kernels#clip}. */
  public static void clip(double limit) {
    if (!(limit > 0)) {
      throw TensorException.mismatch("clip: expected a limit > 0, got " + limit);
    }
  }

  private static void lstm(
      String op, Tensor gates, Tensor weightHh, Tensor h0, Tensor c0, Tensor h, Tensor c) {
    rank(op, "gates", gates, 3);
    rank(op, "weightHh", weightHh, 2);
    long n = gates.dim(0);
    long steps = gates.dim(1);
    long hidden = weightHh.dim(0);
    if (weightHh.dim(1) != 4 * hidden || gates.dim(2) != 4 * hidden) {
      throw TensorException.mismatch(
          op
              + ": gates "
              + gates.shape()
              + " do not fit weightHh "
              + weightHh.shape()
              + ", expected [N, T, 4H] and [H, 4H]");
    }
    dtype(op, "weightHh", weightHh, gates);
    state(op, "h0", h0, gates, n, hidden);
    state(op, "c0", c0, gates, n, hidden);
    states(op, "h", h, gates, n, steps, hidden);
    states(op, "c", c, gates, n, steps, hidden);
    writable(op, "gates", gates);
    writable(op, "h", h);
    writable(op, "c", c);
    apart(op, "h", h, "c", c);
    apart(op, "h", h, "gates", gates);
    apart(op, "c", c, "gates", gates);
    apart(op, "h", h, "h0", h0);
    apart(op, "c", c, "c0", c0);
  }

  /**
   * Checks that an argument may be written; raw addresses would end the process, where a tensor
   * belongs to a mapped file.
   */
  public static void writable(String op, String name, Tensor x) {
    if (x.isReadOnly()) {
      throw TensorException.mismatch(
          op + ": " + name + " " + x + " belongs to a mapped file, expected memory to write to");
    }
  }

  /** Checks that two arguments have one dtype and one shape. */
  public static void same(String op, String name, Tensor given, String otherName, Tensor other) {
    if (given.dtype() != other.dtype() || !given.shape().equals(other.shape())) {
      throw TensorException.mismatch(
          op + ": " + name + " is " + given + ", expected the same as " + otherName + ", " + other);
    }
  }

  /**
   * One of the numbers that choose among so many, rows of a table or classes: a whole number from
   * 0.
   *
   * @param name what it is called, such as {@code index}
   * @param at its place, row-major
   * @param size how many there are
   */
  public static long number(String op, String name, Tensor numbers, long at, long size) {
    boolean floating = numbers.dtype().isFloating();
    long number = numbers.getLong(at);
    if (number < 0 || number >= size || (floating && number != numbers.get(at))) {
      Object given = floating ? (Object) numbers.get(at) : (Object) number;
      throw TensorException.mismatch(
          op
              + ": "
              + name
              + " "
              + at
              + " is "
              + given
              + ", expected a whole number of 0 or more and less than "
              + size);
    }
    return number;
  }

  /** Checks that an argument has a dtype that is computed with. */
  static void floating(String op, String name, Tensor x) {
    if (x.dtype() != DType.F32 && x.dtype() != DType.F64) {
      throw TensorException.mismatch(
          op + ": " + name + " is " + x + ", expected F32 or F64" + instead(x));
    }
  }

  private static void state(String op, String name, Tensor x, Tensor gates, long n, long hidden) {
    dtype(op, name, x, gates);
    if (x.shape().rank() != 2 || x.dim(0) != n || x.dim(1) != hidden) {
      throw expected(op, name, x, Shape.of(n, hidden));
    }
  }

  private static void states(
      String op, String name, Tensor x, Tensor gates, long n, long steps, long hidden) {
    dtype(op, name, x, gates);
    if (x.shape().rank() != 3 || x.dim(0) != n || x.dim(1) != steps || x.dim(2) != hidden) {
      throw expected(op, name, x, Shape.of(n, steps, hidden));
    }
  }

  static void shape(String op, String name, Tensor x, long dim) {
    if (x.shape().rank() != 1 || x.dim(0) != dim) {
      throw expected(op, name, x, Shape.of(dim));
    }
  }

  /** Checks that the plain loops compute with the dtype. */
  static void computable(String op, Tensor x) {
    var _ = ofDtype(op, x, op, op);
  }

  /** What computes with the dtype of a tensor: one of two, since nothing computes with others. */
  static <T> T ofDtype(String op, Tensor x, T f32, T f64) {
    DType dtype = x.dtype();
    if (dtype == DType.F32) {
      return f32;
    }
    if (dtype == DType.F64) {
      return f64;
    }
    throw TensorException.mismatch(op + ": expected F32 or F64, got " + x + instead(x));
  }

  private static String instead(Tensor x) {
    return (x.dtype() == DType.BF16 ? "; BF16 is for inference and has no backward" : "")
        + "; convert it with to(DType.F32, memory)";
  }

  static void rank(String op, String name, Tensor x, int rank) {
    if (x.shape().rank() != rank) {
      throw TensorException.mismatch(
          op + ": " + name + " has shape " + x.shape() + ", expected " + rank + " axes");
    }
  }

  static void dtype(String op, String name, Tensor x, Tensor like) {
    DType expected = like.dtype();
    if (x.dtype() != expected) {
      throw TensorException.mismatch(
          op + ": " + name + " is " + x + ", expected " + expected + " like the other arguments");
    }
  }

  /** Checks that an output may be written and lies apart from another argument, both contiguous. */
  static void apart(String op, String name, Tensor x, String otherName, Tensor other) {
    writable(op, name, x);
    MemorySegment one = x.segment();
    MemorySegment two = other.segment();
    if (one.address() < two.address() + two.byteSize()
        && two.address() < one.address() + one.byteSize()) {
      throw TensorException.mismatch(
          op + ": " + name + " " + x.shape() + " overlaps " + otherName + " " + other.shape());
    }
  }

  private static TensorException expected(String op, String name, Tensor x, Shape shape) {
    return TensorException.mismatch(
        op + ": " + name + " has shape " + x.shape() + ", expected " + shape);
  }
}
