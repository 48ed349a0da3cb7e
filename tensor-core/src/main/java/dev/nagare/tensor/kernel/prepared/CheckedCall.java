package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/** A {@link PreparedKernel.Call} that knows its arguments by address, each of them checked. */
public abstract class CheckedCall implements PreparedKernel.Call {
  private final Arguments arguments;
  private final long packedBytes;
  private boolean closed;

  /** For a kernel that is given these arguments. */
  protected CheckedCall(Arguments arguments, long packedBytes) {
    this.arguments = arguments;
    this.packedBytes = packedBytes;
  }

  /** Where an input is. */
  protected abstract void inputAt(int index, long address);

  /** Where the packed weight is. */
  protected abstract void weightAt(long address);

  /** Where the bias is. */
  protected abstract void biasAt(long address);

  /** Where the operand of a post-op is. */
  protected abstract void operandAt(int postOp, long address);

  /** Where the result goes. */
  protected abstract void outputAt(long address);

  /** Computes; everything has been said. */
  protected abstract void compute();

  /** Frees what the library holds. */
  protected abstract void free();

  @Override
  public final PreparedKernel.Call input(int index, Tensor x) {
    if (index < 0 || index >= arguments.inputs().size()) {
      throw none("input " + index, arguments.inputs().size() + " inputs");
    }
    inputAt(index, arguments.inputs().get(index).address(arguments.op(), x));
    return this;
  }

  @Override
  public final PreparedKernel.Call weight(Tensor packed) {
    if (arguments.weight() == null) {
      throw none("weight", "none");
    }
    weightAt(bytes(arguments.op(), "packed weight", packed, packedBytes));
    return this;
  }

  @Override
  public final PreparedKernel.Call bias(Tensor bias) {
    Expected expected = arguments.bias();
    if (expected == null) {
      throw none("bias", "none");
    }
    biasAt(expected.address(arguments.op(), bias));
    return this;
  }

  @Override
  public final PreparedKernel.Call operand(int postOp, Tensor operand) {
    Expected expected =
        postOp >= 0 && postOp < arguments.operands().size()
            ? arguments.operands().get(postOp)
            : null;
    if (expected == null) {
      throw none("operand for post-op " + postOp, "none");
    }
    operandAt(postOp, expected.address(arguments.op(), operand));
    return this;
  }

  @Override
  public final PreparedKernel.Call output(Tensor y) {
    if (y.isReadOnly()) {
      throw TensorException.mismatch(
          arguments.op() + ": the result " + y + " belongs to a mapped file and is read-only");
    }
    outputAt(arguments.output().address(arguments.op(), y));
    return this;
  }

  @Override
  public final void run() {
    if (closed) {
      throw new TensorException(TensorException.Kind.CLOSED, arguments.op() + ": call is closed");
    }
    compute();
  }

  @Override
  public final void close() {
    if (!closed) {
      closed = true;
      free();
    }
  }

  /** What was never said, as an error. */
  protected final TensorException missing(String what) {
    return TensorException.mismatch(
        arguments.op() + ": no " + what + " was given before the run, expected one");
  }

  /** Where a U8 tensor of at least so many bytes is. */
  public static long bytes(String op, String name, Tensor x, long bytes) {
    if (x.dtype() != DType.U8 || x.elements() < bytes) {
      throw TensorException.mismatch(
          op
              + ": "
              + name
              + " is "
              + x.dtype()
              + " "
              + x.shape()
              + ", expected U8 ["
              + bytes
              + "]");
    }
    return x.segment().address();
  }

  /** The address of scratch, which has to be one that 64 divides. */
  public static long scratch(String op, Tensor x, long bytes) {
    long address = bytes(op, "scratch", x, bytes);
    if ((address & 63) != 0) {
      throw TensorException.mismatch(
          op + ": expected scratch at an address that 64 divides, got the view " + x);
    }
    return address;
  }

  private TensorException none(String what, @Nullable String expected) {
    return TensorException.mismatch(
        arguments.op() + ": " + what + " was given, expected " + expected);
  }
}
