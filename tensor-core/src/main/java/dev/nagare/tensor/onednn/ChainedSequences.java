package dev.nagare.tensor.onednn;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.CheckedCall;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.RaggedAttentionSpec;

/**
 * Attention of sequences of any lengths, a sequence at a time, by what the layers and plans of a
 * model share: {@link SequenceChains}.
 */
final class ChainedSequences implements PreparedKernel {
  private final RaggedAttentionSpec spec;
  private final Arguments expected;
  private final SequenceChains.Heads heads;
  private final Shared.Lease<SequenceChains> lease;
  private final SequenceChains shared;
  private final String implementation;

  ChainedSequences(RaggedAttentionSpec spec) {
    this.spec = spec;
    this.expected = Arguments.of(spec);
    this.heads = SequenceChains.Heads.of(spec);
    this.lease = SequenceChains.ALL.take(heads, () -> new SequenceChains(heads));
    this.shared = lease.value();
    try {
      // Made now, so that what the library cannot do is refused before a sequence comes.
      this.implementation = shared.implementation();
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
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
  public void pack(Tensor weight, Tensor packed) {
    throw TensorException.mismatch("attention: there is no weight to pack");
  }

  /** None that is known before the lengths are: see {@link #sequenceBytes}. */
  @Override
  public long scratchBytes() {
    return 0;
  }

  @Override
  public long sequenceBytes(long tokens) {
    return SequenceChains.workerBytes(heads, tokens);
  }

  @Override
  public Call call(Tensor scratch) {
    return new Sequences();
  }

  @Override
  public void close() {
    lease.close();
  }

  private final class Sequences extends CheckedCall {
    private final long[] inputs = new long[4];
    private long output;

    Sequences() {
      super(expected, 0);
    }

    @Override
    protected void inputAt(int index, long address) {
      inputs[index] = address;
    }

    @Override
    protected void outputAt(long address) {
      output = address;
    }

    @Override
    protected void weightAt(long address) {}

    @Override
    protected void biasAt(long address) {}

    @Override
    protected void operandAt(int postOp, long address) {}

    @Override
    protected void compute() {
      for (long input : inputs) {
        if (input == 0) {
          throw missing("INPUT");
        }
      }
      if (output == 0) {
        throw missing("OUTPUT");
      }
      if (lease.isClosed()) {
        throw new TensorException(
            TensorException.Kind.CLOSED, "attention: kernel is closed; prepare it anew");
      }
      SequenceChains.Worker worker = shared.borrow();
      try {
        compute(worker);
      } finally {
        shared.putBack(worker);
      }
    }

    private void compute(SequenceChains.Worker worker) {
      long bytes = spec.dtype().bytes();
      long row = heads.count() * heads.depth() * bytes;
      long first = offset(0, 0);
      Bytes.zero(output, first * row);
      for (long i = 0; i < spec.sequences(); i++) {
        long end = offset(i + 1, first);
        if (end > first) {
          worker.run(
              (int) (end - first),
              inputs[0] + first * heads.qRow() * bytes,
              inputs[1] + first * heads.kRow() * bytes,
              inputs[2] + first * heads.vRow() * bytes,
              output + first * row);
        }
        first = end;
      }
      Bytes.zero(output + first * row, (spec.tokens() - first) * row);
    }

    private long offset(long index, long least) {
      long offset =
          spec.offsets() == DType.I64
              ? Bytes.getLong(inputs[3] + 8 * index)
              : Bytes.getInt(inputs[3] + 4 * index);
      if (offset < least || offset > spec.tokens()) {
        throw TensorException.mismatch(
            "attention: offset "
                + index
                + " is "
                + offset
                + ", expected from "
                + least
                + " to "
                + spec.tokens());
      }
      return offset;
    }

    @Override
    protected void free() {}
  }
}
