package dev.nagare.tensor.kernel;

import dev.nagare.tensor.BFloat16;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.ThreadMemory;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The BF16 operands of one call, widened to F32 in memory of the thread's own.
 *
 * <p>Forward passes with BF16 are computed in F32 and rounded once, to the nearest, ties to even: a
 * method of a family widens its operands, which is exact, calls itself, and narrows the result.
 * There are no loops for BF16 but those two, and no backward: BF16 is for inference. Each operand
 * leaves the record of its widened form on the heap.
 *
 * <pre>{@code
 * try (Widened wide = Widened.begin("softmax")) {
 *   Tensor result = wide.of("out", out);
 *   forward(wide.of("x", x), result);
 *   wide.narrow("out", result, out);
 * }
 * }</pre>
 */
final class Widened implements AutoCloseable {
  private static final ThreadLocal<Widened> OF_THREAD = ThreadLocal.withInitial(Widened::new);

  private final ThreadMemory memory = new ThreadMemory();
  private String op = "";

  private Widened() {}

  /** Whether a call is to be computed so. */
  static boolean takes(Tensor x) {
    return x.dtype() == DType.BF16;
  }

  /** Begins a call; another one of this thread may begin when it is closed. */
  static Widened begin(String op) {
    Widened widened = OF_THREAD.get();
    widened.op = op;
    return widened;
  }

  /** An operand, or what a result held before, as a contiguous F32 tensor of the same shape. */
  Tensor of(String name, Tensor x) {
    if (x.dtype() != DType.BF16) {
      throw TensorException.mismatch(
          op + ": " + name + " is " + x + ", expected BF16 like the other arguments");
    }
    Tensor wide = memory.empty(DType.F32, x.shape());
    if (x.isContiguous()) {
      widen(x.segment().address(), wide.segment().address(), x.elements());
    } else {
      wide.convertFrom(x);
    }
    return wide;
  }

  /** The same of one that may be missing. */
  @Nullable Tensor ofOptional(String name, @Nullable Tensor x) {
    return x == null ? null : of(name, x);
  }

  /** Rounds a result into the tensor that it is for. */
  void narrow(String name, Tensor wide, Tensor out) {
    KernelArguments.writable(op, name, out);
    if (out.isContiguous()) {
      narrow(wide.segment().address(), out.segment().address(), out.elements());
    } else {
      out.convertFrom(wide);
    }
  }

  private static void widen(long from, long to, long n) {
    for (long i = 0; i < n; i++) {
      int upper = Addresses.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, from + 2 * i);
      Addresses.ALL.set(ValueLayout.JAVA_INT_UNALIGNED, to + 4 * i, upper << 16);
    }
  }

  private static void narrow(long from, long to, long n) {
    for (long i = 0; i < n; i++) {
      short near = BFloat16.of(Addresses.getFloat(from, i));
      Addresses.ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, to + 2 * i, near);
    }
  }

  @Override
  public void close() {
    memory.reset();
  }
}
