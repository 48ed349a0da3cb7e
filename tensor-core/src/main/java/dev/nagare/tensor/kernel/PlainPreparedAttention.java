package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.AttentionSpec;
import dev.nagare.tensor.kernel.prepared.RaggedAttentionSpec;
import org.jspecify.annotations.Nullable;

/**
 * Attention head by head and block of queries by block of queries, so that scores stay in the
 * nearest cache; what is BF16 is widened, a sequence at a time.
 */
abstract class PlainPreparedAttention extends PlainPreparedKernel {
  private final HeadLoops loops;
  private final int heads;
  private final int depth;
  private final float scale;
  private final DType dtype;
  private final long most;
  private final long[] rows;

  /**
   * @param most rows of the longest sequence
   * @param rows elements from row to row of q, k and v
   */
  private PlainPreparedAttention(
      Arguments arguments,
      HeadLoops loops,
      int heads,
      long depth,
      double scale,
      DType dtype,
      long most,
      long[] rows) {
    super(arguments, "heads");
    this.loops = loops;
    this.heads = heads;
    this.depth = (int) depth;
    this.scale = (float) scale;
    this.dtype = dtype;
    this.most = most;
    this.rows = rows;
  }

  static PlainPreparedKernel of(AttentionSpec s, HeadLoops loops) {
    return new Fixed(s, loops);
  }

  static PlainPreparedKernel of(RaggedAttentionSpec s, HeadLoops loops) {
    return new Ragged(s, loops);
  }

  private long wideBytes() {
    return dtype == DType.F32 ? 0 : (4 * most * heads * depth + 63) & -64;
  }

  @Override
  public long scratchBytes() {
    return 4 * wideBytes() + loops.scratchBytes(most, depth);
  }

  /**
   * Computes a sequence.
   *
   * @param first row of q and out
   * @param firstKey row of k and v
   * @param mask F32, or 0; of head h at {@code mask + h · maskHead}
   */
  final void sequence(
      Places at,
      long first,
      int queries,
      long firstKey,
      int keys,
      long mask,
      long maskHead,
      long maskRow) {
    long bytes = dtype.bytes();
    long q = at.inputs[0] + first * rows[0] * bytes;
    long k = at.inputs[1] + firstKey * rows[1] * bytes;
    long v = at.inputs[2] + firstKey * rows[2] * bytes;
    long columns = (long) heads * depth;
    long out = at.output + first * columns * bytes;
    if (dtype == DType.F32) {
      heads(
          q,
          4 * rows[0],
          queries,
          k,
          4 * rows[1],
          v,
          4 * rows[2],
          keys,
          mask,
          maskHead,
          maskRow,
          out,
          at.scratch);
      return;
    }
    long wideQ = at.scratch;
    long wideK = wideQ + wideBytes();
    long wideV = wideK + wideBytes();
    long wideOut = wideV + wideBytes();
    widen(q, rows[0], queries, wideQ);
    widen(k, rows[1], keys, wideK);
    widen(v, rows[2], keys, wideV);
    heads(
        wideQ,
        4 * columns,
        queries,
        wideK,
        4 * columns,
        wideV,
        4 * columns,
        keys,
        mask,
        maskHead,
        maskRow,
        wideOut,
        wideOut + wideBytes());
    loops.narrow(wideOut, out, queries * columns);
  }

  private void widen(long from, long row, int count, long to) {
    long columns = (long) heads * depth;
    for (int i = 0; i < count; i++) {
      loops.widen(from + 2L * i * row, to + 4L * i * columns, columns);
    }
  }

  private void heads(
      long q,
      long qRow,
      int queries,
      long k,
      long kRow,
      long v,
      long vRow,
      int keys,
      long mask,
      long maskHead,
      long maskRow,
      long out,
      long scratch) {
    long outRow = 4L * heads * depth;
    int block = loops.block();
    for (int head = 0; head < heads; head++) {
      long column = 4L * head * depth;
      for (int i = 0; i < queries; i += block) {
        loops.attend(
            scale,
            q + i * qRow + column,
            qRow,
            Math.min(block, queries - i),
            k + column,
            kRow,
            v + column,
            vRow,
            keys,
            depth,
            mask == 0 ? 0 : mask + head * maskHead + i * maskRow,
            maskRow,
            out + i * outRow + column,
            outRow,
            scratch);
      }
    }
  }

  /** Sequences of one length. */
  private static final class Fixed extends PlainPreparedAttention {
    private final AttentionSpec spec;

    Fixed(AttentionSpec s, HeadLoops loops) {
      super(
          Arguments.of(s),
          loops,
          s.heads(),
          s.depth(),
          s.scale(),
          s.dtype(),
          Math.max(s.queries(), s.keys()),
          new long[] {s.qRow(), s.kRow(), s.vRow()});
      this.spec = s;
    }

    @Override
    void compute(Places at) {
      Shape mask = spec.mask();
      long sequence = step(mask, 0);
      long head = step(mask, 1);
      long row = step(mask, 2);
      for (long i = 0; i < spec.sequences(); i++) {
        sequence(
            at,
            i * spec.queries(),
            (int) spec.queries(),
            i * spec.keys(),
            (int) spec.keys(),
            mask == null ? 0 : at.inputs[3] + i * sequence,
            head,
            row);
      }
    }

    /** Bytes from one index of an axis of the mask to the next. */
    private static long step(@Nullable Shape mask, int axis) {
      if (mask == null || mask.dim(axis) == 1) {
        return 0;
      }
      long bytes = 4;
      for (int i = axis + 1; i < mask.rank(); i++) {
        bytes *= mask.dim(i);
      }
      return bytes;
    }
  }

  /** Sequences one after the other. */
  private static final class Ragged extends PlainPreparedAttention {
    private final RaggedAttentionSpec spec;

    Ragged(RaggedAttentionSpec s, HeadLoops loops) {
      super(
          Arguments.of(s),
          loops,
          s.heads(),
          s.depth(),
          s.scale(),
          s.dtype(),
          s.tokens(),
          new long[] {s.qRow(), s.kRow(), s.vRow()});
      this.spec = s;
    }

    @Override
    void compute(Places at) {
      long first = offset(at, 0, 0);
      zero(at, 0, first);
      for (long i = 0; i < spec.sequences(); i++) {
        long end = offset(at, i + 1, first);
        int length = (int) (end - first);
        if (length > 0) {
          sequence(at, first, length, first, length, 0, 0, 0);
        }
        first = end;
      }
      zero(at, first, spec.tokens());
    }

    private long offset(Places at, long index, long least) {
      long address = at.inputs[3];
      long offset =
          spec.offsets() == DType.I64
              ? Addresses.getLong(address, index)
              : Float.floatToRawIntBits(Addresses.getFloat(address, index));
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

    private void zero(Places at, long from, long to) {
      long row = spec.heads() * spec.depth();
      for (long i = from * row; i < to * row; i++) {
        Mixed.set(spec.dtype(), at.output, i, 0);
      }
    }
  }
}
