package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.CheckedCall;
import dev.nagare.tensor.kernel.prepared.Expected;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;

/** A prepared kernel in plain Java: keeps the arguments of each call by address. */
abstract class PlainPreparedKernel implements PreparedKernel {
  private final Arguments arguments;
  private final String implementation;

  PlainPreparedKernel(Arguments arguments, String implementation) {
    this.arguments = arguments;
    this.implementation = implementation;
  }

  /** Computes. */
  abstract void compute(Places at);

  /** Packs a weight at addresses of checked arguments. */
  void pack(long weight, long packed) {
    throw TensorException.mismatch(arguments.op() + ": there is no weight to pack");
  }

  @Override
  public String implementation() {
    return implementation;
  }

  @Override
  public long packedBytes() {
    return 0;
  }

  @Override
  public long scratchBytes() {
    return 0;
  }

  @Override
  public void pack(Tensor weight, Tensor packed) {
    Expected expected = arguments.weight();
    String op = arguments.op();
    if (expected == null) {
      throw TensorException.mismatch(op + ": there is no weight to pack");
    }
    KernelArguments.writable(op, "packed weight", packed);
    if (!weight.isContiguous()) {
      throw TensorException.mismatch(op + ": expected a contiguous weight, got " + weight);
    }
    long to = CheckedCall.bytes(op, "packed weight", packed, packedBytes());
    pack(expected.address(op, weight), to);
  }

  @Override
  public Call call(Tensor scratch) {
    return new Places(CheckedCall.scratch(arguments.op(), scratch, scratchBytes()));
  }

  @Override
  public void close() {}

  /** Where the arguments of a call are. */
  final class Places extends CheckedCall {
    final long[] inputs = new long[arguments.inputs().size()];
    final long[] operands = new long[arguments.operands().size()];
    final long[] addresses = new long[TileLoops.EDGE]; // of rows, for those who need room for them
    final long scratch;
    long weight;
    long bias;
    long output;

    Places(long scratch) {
      super(arguments, packedBytes());
      this.scratch = scratch;
    }

    @Override
    protected void inputAt(int index, long address) {
      inputs[index] = address;
    }

    @Override
    protected void weightAt(long address) {
      weight = address;
    }

    @Override
    protected void biasAt(long address) {
      bias = address;
    }

    @Override
    protected void operandAt(int postOp, long address) {
      operands[postOp] = address;
    }

    @Override
    protected void outputAt(long address) {
      output = address;
    }

    @Override
    protected void compute() {
      for (int i = 0; i < inputs.length; i++) {
        require(inputs[i], "INPUT");
      }
      for (int i = 0; i < operands.length; i++) {
        if (arguments.operands().get(i) != null) {
          require(operands[i], "OPERAND");
        }
      }
      if (arguments.weight() != null) {
        require(weight, "WEIGHT");
      }
      if (arguments.bias() != null) {
        require(bias, "BIAS");
      }
      require(output, "OUTPUT");
      PlainPreparedKernel.this.compute(this);
    }

    private void require(long address, String what) {
      if (address == 0) {
        throw missing(what);
      }
    }

    @Override
    protected void free() {}
  }
}
