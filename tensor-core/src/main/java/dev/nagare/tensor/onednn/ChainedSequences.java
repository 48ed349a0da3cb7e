package dev.nagare.tensor.onednn;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.AttentionSpec;
import dev.nagare.tensor.kernel.prepared.CheckedCall;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.RaggedAttentionSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attention of sequences of any lengths: a {@link ChainedAttention} for each length that was met,
 * shared by all lanes. Making one costs some milliseconds, once; a sequence's bits depend on its
 * own length alone.
 */
final class ChainedSequences implements PreparedKernel {
  private final RaggedAttentionSpec spec;
  private final Arguments expected;
  private final @Nullable ChainedAttention[] byLength; // guarded by this
  private final String implementation;
  private boolean closed;

  ChainedSequences(RaggedAttentionSpec spec) {
    this.spec = spec;
    this.expected = Arguments.of(spec);
    this.byLength = new ChainedAttention[Math.toIntExact(spec.tokens()) + 1];
    this.implementation = ofLength(1).implementation();
  }

  private synchronized ChainedAttention ofLength(int length) {
    if (closed) {
      throw new TensorException(TensorException.Kind.CLOSED, "attention: kernel is closed");
    }
    ChainedAttention found = byLength[length];
    if (found == null) {
      found = AmpleStack.call(() -> new ChainedAttention(one(length)));
      byLength[length] = found;
    }
    return found;
  }

  private AttentionSpec one(int length) {
    return new AttentionSpec(
        1,
        length,
        length,
        spec.heads(),
        spec.depth(),
        spec.scale(),
        spec.qRow(),
        spec.kRow(),
        spec.vRow(),
        null,
        spec.dtype());
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

  /** None that is known before the lengths are: a call has its own. */
  @Override
  public long scratchBytes() {
    return 0;
  }

  @Override
  public Call call(Tensor scratch) {
    return new Sequences();
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (ChainedAttention chain : byLength) {
      if (chain != null) {
        chain.close();
      }
    }
    Arrays.fill(byLength, null);
  }

  private final class Sequences extends CheckedCall {
    private final ChainedAttention.@Nullable Chain[] chains =
        new ChainedAttention.Chain[Math.toIntExact(spec.tokens()) + 1];
    private final long[] inputs = new long[4];
    private MemorySegment scratch = MemorySegment.NULL;
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
      long bytes = spec.dtype().bytes();
      long row = spec.heads() * spec.depth() * bytes;
      long first = offset(0, 0);
      Bytes.zero(output, first * row);
      for (long i = 0; i < spec.sequences(); i++) {
        long end = offset(i + 1, first);
        if (end > first) {
          ChainedAttention.Chain chain = chain((int) (end - first));
          chain.inputAt(0, inputs[0] + first * spec.qRow() * bytes);
          chain.inputAt(1, inputs[1] + first * spec.kRow() * bytes);
          chain.inputAt(2, inputs[2] + first * spec.vRow() * bytes);
          chain.outputAt(output + first * row);
          chain.compute();
        }
        first = end;
      }
      Bytes.zero(output + first * row, (spec.tokens() - first) * row);
    }

    private ChainedAttention.Chain chain(int length) {
      ChainedAttention.Chain found = chains[length];
      if (found == null) {
        ChainedAttention kernel = ofLength(length);
        long wanted = kernel.scratchBytes();
        if (scratch.byteSize() < wanted) {
          // Those made before keep the memory that they were given: doubling bounds all of it.
          scratch =
              Arena.ofAuto().allocate(Math.max(wanted, 2 * scratch.byteSize()), Memory.ALIGNMENT);
        }
        found = kernel.chain(scratch);
        chains[length] = found;
      }
      return found;
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
    protected void free() {
      for (ChainedAttention.Chain chain : chains) {
        if (chain != null) {
          chain.close();
        }
      }
    }
  }
}
