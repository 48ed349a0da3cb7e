package dev.nagare.tensor.onednn;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.AttentionSpec;
import dev.nagare.tensor.kernel.prepared.CheckedCall;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Attention as product, softmax and product, a sequence at a time so that its scores stay in the
 * cache. Heads are matrices that lie in each other's rows.
 */
final class ChainedAttention implements PreparedKernel {
  private static final int SOFTMAX = 196608;
  private static final int LINEAR = 38;
  private static final int ADD = 131056;
  private static final int SECOND_POST_OP_OPERAND = 2 * 32768 | 2;

  private final AttentionSpec spec;
  private final Arguments expected;
  private final Primitive scores;
  private final Primitive softmax;
  private final Primitive weighted;
  private final long scoreBytes;
  private final long weightBytes;
  private final long padBytes;
  private boolean closed;

  /** Whether it can: a mask may differ between keys, sequences and heads, not between queries. */
  static boolean can(AttentionSpec s) {
    Shape mask = s.mask();
    return mask == null || mask.dim(2) == 1;
  }

  ChainedAttention(AttentionSpec s) {
    spec = s;
    expected = Arguments.of(s);
    int type = Layout.type(s.dtype());
    try (KernelDraft draft = new KernelDraft()) {
      long q = draft.own(heads(type, s, s.queries(), s.depth(), s.qRow(), 1));
      long k = draft.own(heads(type, s, s.depth(), s.keys(), 1, s.kRow()));
      long v = draft.own(heads(type, s, s.keys(), s.depth(), s.vRow(), 1));
      long y = draft.own(heads(type, s, s.queries(), s.depth(), s.heads() * s.depth(), 1));
      long raw = draft.own(Layout.dense(OneDnn.F32, s.heads(), s.queries(), s.keys()));
      long soft = draft.own(Layout.dense(type, s.heads(), s.queries(), s.keys()));
      long plain = draft.attributes();
      scores = scores(draft, q, k, raw);
      softmax =
          draft.primitive(
              ForwardFunctions.softmax(SOFTMAX, raw, soft, 2, plain),
              new int[] {OneDnn.SRC, OneDnn.DST},
              raw,
              soft);
      weighted =
          draft.primitive(
              OneDnn.matmul(soft, v, 0, y, plain),
              new int[] {OneDnn.SRC, OneDnn.WEIGHTS, OneDnn.DST},
              soft,
              v,
              y);
      scoreBytes = Matmul.aligned(OneDnn.bytes(raw));
      weightBytes = Matmul.aligned(OneDnn.bytes(soft));
      draft.complete();
    }
    padBytes =
        1
            + Math.max(
                scores.scratchpadBytes(),
                Math.max(softmax.scratchpadBytes(), weighted.scratchpadBytes()));
  }

  private static long heads(
      int type, AttentionSpec s, long rows, long columns, long row, long column) {
    return Layout.strided(
        type, new long[] {s.heads(), rows, columns}, new long[] {s.depth(), row, column});
  }

  private Primitive scores(KernelDraft draft, long q, long k, long raw) {
    long attributes = OneDnn.attributes(false);
    try {
      long chain = OneDnn.postOps();
      OneDnn.appendFunction(chain, LINEAR, spec.scale(), 0);
      Shape mask = spec.mask();
      long added =
          mask == null
              ? 0
              : draft.own(Layout.dense(OneDnn.F32, mask.dim(1), mask.dim(2), mask.dim(3)));
      if (mask != null) {
        OneDnn.appendCombination(chain, ADD, added);
      }
      OneDnn.setPostOps(attributes, chain);
      long descriptor = OneDnn.matmul(q, k, 0, raw, attributes);
      return mask == null
          ? draft.primitive(
              descriptor, new int[] {OneDnn.SRC, OneDnn.WEIGHTS, OneDnn.DST}, q, k, raw)
          : draft.primitive(
              descriptor,
              new int[] {OneDnn.SRC, OneDnn.WEIGHTS, OneDnn.DST, SECOND_POST_OP_OPERAND},
              q,
              k,
              raw,
              added);
    } finally {
      OneDnn.destroyAttributes(attributes);
    }
  }

  @Override
  public String implementation() {
    return scores.implementation()
        + ", "
        + softmax.implementation()
        + ", "
        + weighted.implementation();
  }

  @Override
  public long packedBytes() {
    return 0;
  }

  @Override
  public void pack(Tensor weight, Tensor packed) {
    throw TensorException.mismatch("attention: there is no weight to pack");
  }

  @Override
  public long scratchBytes() {
    return scoreBytes + weightBytes + padBytes;
  }

  @Override
  public Call call(Tensor scratch) {
    return new Chain(CheckedCall.scratch(expected.op(), scratch, scratchBytes()), scratch);
  }

  /** A call with memory that lasts as long as the call, aligned and large enough. */
  Chain chain(MemorySegment scratch) {
    return new Chain(scratch.address(), scratch);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      scores.destroy();
      softmax.destroy();
      weighted.destroy();
    }
  }

  /** One lane's. */
  final class Chain extends CheckedCall {
    @SuppressWarnings("unused") // keeps the memory
    private Object memory;

    private final Prepared first = new Prepared(scores);
    private final Prepared second = new Prepared(softmax);
    private final Prepared third = new Prepared(weighted);
    private final long stream = OneDnn.stream();
    private final long[] inputs = new long[expected.inputs().size()];
    private long pad;
    private long output;

    Chain(long scratch, Object memory) {
      super(expected, 0);
      this.memory = memory;
      place(scratch);
    }

    /** From now on with other scratch, which lasts as long as this or until it moves again. */
    void move(MemorySegment scratch) {
      memory = scratch;
      place(scratch.address());
    }

    private void place(long scratch) {
      first.at(2, scratch);
      second.at(0, scratch).at(1, scratch + scoreBytes);
      third.at(0, scratch + scoreBytes);
      pad = scratch + scoreBytes + weightBytes;
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
      long maskBytes = maskBytes(spec.mask());
      for (long i = 0; i < spec.sequences(); i++) {
        first.at(0, inputs[0] + i * spec.queries() * spec.qRow() * bytes);
        first.at(1, inputs[1] + i * spec.keys() * spec.kRow() * bytes);
        if (inputs.length > 3) {
          first.at(3, inputs[3] + i * maskBytes);
        }
        third.at(1, inputs[2] + i * spec.keys() * spec.vRow() * bytes);
        third.at(2, output + i * spec.queries() * spec.heads() * spec.depth() * bytes);
        first.run(stream, pad);
        second.run(stream, pad);
        third.run(stream, pad);
        if (inputs.length > 3) {
          zeroWhereForbidden(inputs[3] + i * maskBytes, i);
        }
      }
    }

    /** oneDNN's softmax of nothing but -∞ is not a number. */
    private void zeroWhereForbidden(long mask, long sequence) {
      Shape shape = expected.inputs().get(3).shape();
      for (int head = 0; head < shape.dim(1); head++) {
        if (Bytes.isAll(mask + 4L * head * spec.keys(), Float.NEGATIVE_INFINITY, spec.keys())) {
          long bytes = spec.dtype().bytes();
          long columns = spec.heads() * spec.depth();
          long width = (shape.dim(1) == 1 ? columns : spec.depth()) * bytes;
          for (long row = 0; row < spec.queries(); row++) {
            long at = (sequence * spec.queries() + row) * columns + head * spec.depth();
            Bytes.zero(output + at * bytes, width);
          }
        }
      }
    }

    /** From the mask of a sequence to that of the next. */
    private static long maskBytes(@Nullable Shape mask) {
      return mask == null || mask.dim(0) == 1 ? 0 : 4 * mask.dim(1) * mask.dim(2) * mask.dim(3);
    }

    @Override
    protected void free() {
      first.destroy();
      second.destroy();
      third.destroy();
      OneDnn.destroyStream(stream);
    }
  }
}
