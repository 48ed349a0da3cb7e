package dev.nagare.graph.plan;

import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.prepared.Operand.Extent;
import dev.nagare.tensor.kernel.prepared.PostOp;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A product of any number of rows by a kernel of a fixed number of rows, so that the bits of a row
 * cannot depend on how many there are: what serves shapes that {@link RowCheck} refuses.
 */
final class TiledProduct implements PreparedKernel {
  /** Rows of a tile, if no number of rows has the bits of another. */
  static final long ROWS = 16;

  private final ProductSpec spec;
  private final long height;
  private final PreparedKernel tile;
  private final List<Extent> operands = new ArrayList<>(); // of each post-op; SINGLE where none

  /**
   * Makes the kernel of a tile.
   *
   * @param height rows of a tile
   */
  TiledProduct(PreparedKernels kernels, ProductSpec spec, long height) {
    this.spec = spec;
    this.height = height;
    this.tile = kernels.product(RowCheck.rows(spec, height));
    int next = 0;
    for (PostOp op : spec.post()) {
      boolean combines = op instanceof PostOp.Combine;
      operands.add(combines ? spec.operands().get(next++).extent() : Extent.SINGLE);
    }
  }

  @Override
  public String implementation() {
    return tile.implementation() + " in tiles of " + height;
  }

  @Override
  public long packedBytes() {
    return tile.packedBytes();
  }

  @Override
  public void pack(Tensor weight, Tensor packed) {
    tile.pack(weight, packed);
  }

  private long own() {
    return aligned(tile.scratchBytes());
  }

  private long row(Extent extent) {
    return extent == Extent.ELEMENT ? spec.n() * 4 : 0;
  }

  @Override
  public long scratchBytes() {
    long bytes = own() + aligned(height * spec.k() * 4) + aligned(height * spec.n() * 4);
    for (Extent extent : operands) {
      bytes += aligned(height * row(extent));
    }
    return bytes;
  }

  private static long aligned(long bytes) {
    return (bytes + Memory.ALIGNMENT - 1) & -Memory.ALIGNMENT;
  }

  @Override
  public Call call(Tensor scratch) {
    return new Tiles(scratch);
  }

  @Override
  public void close() {
    tile.close();
  }

  /** A copy of rows, made at each run. */
  private record Rows(Tensor from, Tensor to) {
    void copy() {
      to.copyFrom(from);
    }
  }

  private final class Tiles implements Call {
    private final List<Call> calls = new ArrayList<>();
    private final long rest = spec.m() % height;
    private final Tensor scratch;
    private final Rows[] before = new Rows[1 + operands.size()];
    private @Nullable Rows after;

    Tiles(Tensor scratch) {
      this.scratch = scratch;
      for (long row = 0; row < spec.m(); row += height) {
        calls.add(tile.call(scratch.narrow(0, Math.max(1, tile.scratchBytes()))));
      }
    }

    /** Rows of a tile that the last few rows are copied to or from. */
    private Tensor staged(long offset, Tensor like) {
      return scratch.part(offset, like.dtype(), Shape.of(height, like.dim(1)));
    }

    private Tensor last(Tensor x) {
      return x.narrow(spec.m() - rest, rest);
    }

    private interface Giver {
      void give(Call call, Tensor rows);
    }

    private @Nullable Tensor each(Tensor x, long offset, Giver giver) {
      Tensor staged = rest == 0 ? null : staged(offset, x);
      for (int i = 0; i < calls.size(); i++) {
        boolean whole = (i + 1) * height <= spec.m();
        giver.give(calls.get(i), whole || staged == null ? x.narrow(i * height, height) : staged);
      }
      return staged;
    }

    @Override
    public Call input(int index, Tensor x) {
      Tensor staged = each(x, own(), Call::input);
      if (staged != null) {
        before[0] = new Rows(last(x), staged.narrow(0, rest));
      }
      return this;
    }

    @Override
    public Call weight(Tensor packed) {
      calls.forEach(call -> call.weight(packed));
      return this;
    }

    @Override
    public Call bias(Tensor bias) {
      calls.forEach(call -> call.bias(bias));
      return this;
    }

    @Override
    public Call operand(int postOp, Tensor operand) {
      if (operands.get(postOp) != Extent.ELEMENT) {
        calls.forEach(call -> call.operand(postOp, operand));
        return this;
      }
      long offset = own() + aligned(height * spec.k() * 4) + aligned(height * spec.n() * 4);
      for (int i = 0; i < postOp; i++) {
        offset += aligned(height * row(operands.get(i)));
      }
      Tensor staged = each(operand, offset, (call, rows) -> call.operand(postOp, rows));
      if (staged != null) {
        before[1 + postOp] = new Rows(last(operand), staged.narrow(0, rest));
      }
      return this;
    }

    @Override
    public Call output(Tensor y) {
      Tensor staged = each(y, own() + aligned(height * spec.k() * 4), Call::output);
      if (staged != null) {
        after = new Rows(staged.narrow(0, rest), last(y));
      }
      return this;
    }

    @Override
    public void run() {
      for (Rows rows : before) {
        if (rows != null) {
          rows.copy();
        }
      }
      for (int i = 0; i < calls.size(); i++) {
        calls.get(i).run();
      }
      Rows rows = after;
      if (rows != null) {
        rows.copy();
      }
    }

    @Override
    public void close() {
      calls.forEach(Call::close);
    }
  }
}
