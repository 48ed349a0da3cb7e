package dev.nagare.tensor.onednn;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.CheckedCall;
import dev.nagare.tensor.kernel.prepared.Expected;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A prepared kernel that is one primitive, shared by all lanes. */
final class OneDnnPreparedKernel implements PreparedKernel {
  private final Arguments expected;
  private final List<OneDnnArgument> arguments;
  private final Primitive primitive;
  private final @Nullable Packing packing;
  private final boolean loneRow;
  private boolean closed;

  /**
   * @param expected what the user gives
   * @param arguments of the primitive, in its order; their layouts stay the caller's
   * @param primitive taken over
   * @param packing of the weight, taken over; null for none
   * @param loneRow whether the primitive computes two rows where the user has one
   */
  OneDnnPreparedKernel(
      Arguments expected,
      List<OneDnnArgument> arguments,
      Primitive primitive,
      @Nullable Packing packing,
      boolean loneRow) {
    this.expected = expected;
    this.arguments = List.copyOf(arguments);
    this.primitive = primitive;
    this.packing = packing;
    this.loneRow = loneRow;
  }

  @Override
  public String implementation() {
    return primitive.implementation();
  }

  @Override
  public long packedBytes() {
    return packing == null ? 0 : packing.bytes();
  }

  @Override
  public void pack(Tensor weight, Tensor packed) {
    Expected from = expected.weight();
    if (packing == null || from == null) {
      throw TensorException.mismatch(expected.op() + ": there is no weight to pack");
    }
    String op = expected.op();
    if (!weight.isContiguous() || packed.isReadOnly()) {
      throw TensorException.mismatch(
          op
              + ": expected a contiguous weight and memory to write to, got "
              + weight
              + " and "
              + packed);
    }
    packing.run(
        from.address(op, weight), CheckedCall.bytes(op, "packed weight", packed, packing.bytes()));
  }

  @Override
  public long scratchBytes() {
    return Matmul.aligned(primitive.scratchpadBytes() + 1) + (loneRow ? padded() : 0);
  }

  /** Bytes of two rows of whatever has rows. */
  private long padded() {
    long bytes = 0;
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).perRow()) {
        bytes += Matmul.aligned(2 * rowBytes(arguments.get(i)));
      }
    }
    return bytes;
  }

  private long rowBytes(OneDnnArgument argument) {
    Expected which =
        switch (argument.role()) {
          case INPUT -> expected.inputs().get(argument.index());
          case OPERAND -> expected.operands().get(argument.index());
          case OUTPUT -> expected.output();
          case WEIGHT -> expected.weight();
          case BIAS -> expected.bias();
        };
    return which == null ? 0 : which.bytes();
  }

  @Override
  public Call call(Tensor scratch) {
    long at = CheckedCall.scratch(expected.op(), scratch, scratchBytes());
    return loneRow ? new LoneRowCall(at) : new OneDnnCall(at);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      primitive.destroy();
      if (packing != null) {
        packing.destroy();
      }
    }
  }

  private int placeOf(OneDnnArgument.Role role, int index) {
    for (int i = 0; i < arguments.size(); i++) {
      OneDnnArgument argument = arguments.get(i);
      if (argument.role() == role && argument.index() == index) {
        return i;
      }
    }
    throw new IllegalStateException(expected.op() + ": no argument " + role + " " + index);
  }

  private class OneDnnCall extends CheckedCall {
    final Prepared prepared = new Prepared(primitive);
    private final long stream = OneDnn.stream();
    private final long scratchpad;
    private boolean complete;

    OneDnnCall(long scratchpad) {
      super(expected, packedBytes());
      this.scratchpad = scratchpad;
    }

    void at(OneDnnArgument.Role role, int index, long address) {
      prepared.at(placeOf(role, index), address);
    }

    @Override
    protected void inputAt(int index, long address) {
      at(OneDnnArgument.Role.INPUT, index, address);
    }

    @Override
    protected void weightAt(long address) {
      at(OneDnnArgument.Role.WEIGHT, 0, address);
    }

    @Override
    protected void biasAt(long address) {
      at(OneDnnArgument.Role.BIAS, 0, address);
    }

    @Override
    protected void operandAt(int postOp, long address) {
      at(OneDnnArgument.Role.OPERAND, postOp, address);
    }

    @Override
    protected void outputAt(long address) {
      at(OneDnnArgument.Role.OUTPUT, 0, address);
    }

    @Override
    protected void compute() {
      if (!complete) {
        checkComplete();
        complete = true;
      }
      prepared.run(stream, scratchpad);
    }

    private void checkComplete() {
      for (int i = 0; i < arguments.size(); i++) {
        if (!prepared.isPlaced(i)) {
          OneDnnArgument argument = arguments.get(i);
          throw missing(argument.role() + " " + argument.index());
        }
      }
    }

    @Override
    protected void free() {
      prepared.destroy();
      OneDnn.destroyStream(stream);
    }
  }

  /**
   * A lone row runs with a row of zeros beside it: oneDNN has another kernel for one row, whose
   * bits differ, and a row must not show with how many others it was computed.
   */
  private final class LoneRowCall extends OneDnnCall {
    private final long[] places = new long[arguments.size()];
    private final long[] padded = new long[arguments.size()];
    private final long[] bytes = new long[arguments.size()];
    private final int output = placeOf(OneDnnArgument.Role.OUTPUT, 0);

    LoneRowCall(long scratch) {
      super(scratch + padded());
      long next = scratch;
      for (int i = 0; i < padded.length; i++) {
        if (arguments.get(i).perRow()) {
          padded[i] = next;
          bytes[i] = rowBytes(arguments.get(i));
          next += Matmul.aligned(2 * bytes[i]);
        }
      }
    }

    @Override
    void at(OneDnnArgument.Role role, int index, long address) {
      int i = placeOf(role, index);
      places[i] = address;
      prepared.at(i, padded[i] == 0 ? address : padded[i]);
    }

    @Override
    protected void compute() {
      for (int i = 0; i < padded.length; i++) {
        if (padded[i] != 0 && i != output && places[i] != 0) {
          Bytes.copy(places[i], padded[i], bytes[i]);
          Bytes.zero(padded[i] + bytes[i], bytes[i]);
        }
      }
      super.compute();
      Bytes.copy(padded[output], places[output], bytes[output]);
    }
  }
}
