package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * {@link Attention} one sequence after the other, so that its scores stay in the cache between the
 * two products and the softmax.
 */
final class PlainAttention implements Attention {
  private final Loops f32;
  private final Loops f64;
  private final StridedProduct products32;
  private final StridedProduct products64;

  PlainAttention(Loops f32, Loops f64) {
    this(f32, f64, new PlainStridedProduct(f32, 4));
  }

  private PlainAttention(Loops f32, Loops f64, StridedProduct products32) {
    this.f32 = f32;
    this.f64 = f64;
    this.products32 = products32;
    this.products64 = new PlainStridedProduct(f64, 8);
  }

  @Override
  public StridedProduct products() {
    return products32;
  }

  @Override
  public Attention with(StridedProduct products) {
    return new PlainAttention(f32, f64, products);
  }

  @Override
  public void forward(
      Form form,
      Operand q,
      Operand k,
      Operand v,
      @Nullable Tensor keep,
      Tensor weights,
      Tensor work,
      Tensor out) {
    AttentionArguments.check("attention", form, q, k, v, keep, weights, work, out);
    AttentionArguments.results("attention", form, q, k, v, weights, out);
    if (weights.elements() == 0) {
      out.zero(); // no keys, or nothing to do
      return;
    }
    Loops loops = loops(out);
    StridedProduct products = products(out);
    var sizes = new Sizes(form.heads(), out, k.rows());
    var scores = sizes.scores(q.rows(), k.rows());
    var result = sizes.weighted(v.rows(), out, false);
    for (long i = 0; i < out.dim(0); i++) {
      long w = sizes.scoresAt(weights, i);
      products.run(scores, sizes.at(q, i), sizes.at(k, i), w);
      softmax(loops.rows(), form, sizes, i, w);
      if (keep != null) {
        long kept = work.segment().address();
        loops.binary(Kernels.Binary.MUL, w, sizes.scoresAt(keep, i), kept, sizes.perSequence());
        w = kept;
      }
      products.run(result, w, sizes.at(v, i), sizes.at(out, i));
    }
  }

  /** Scores of one sequence to weights, in place. */
  private static void softmax(RowLoops loops, Form form, Sizes sizes, long sequence, long scores) {
    Tensor lengths = form.mask().lengths();
    long length = lengths == null ? sizes.keys : (long) lengths.get(sequence);
    for (int head = 0; head < sizes.heads; head++) {
      long mask = sizes.maskAt(form.mask().added(), sequence, head);
      for (int i = 0; i < sizes.queries; i++) {
        long row = (long) i * sizes.keys * sizes.bytes;
        long x = scores + (long) head * sizes.queries * sizes.keys * sizes.bytes + row;
        long n = form.mask().causal() ? Math.min(i + 1L, length) : length;
        double max =
            mask == 0
                ? loops.scaleMax(form.scale(), x, n)
                : loops.scaleMaskMax(form.scale(), x, mask + row, n);
        if (max == Double.NEGATIVE_INFINITY && !Double.isNaN(loops.sum(x, n))) {
          n = 0; // nothing is allowed
        } else {
          loops.scale(1 / loops.expSum(max, x, x, n), x, n);
        }
        Addresses.zero(x + n * sizes.bytes, (sizes.keys - n) * sizes.bytes);
      }
    }
  }

  @Override
  public void backward(
      Form form,
      Operand q,
      Operand k,
      Operand v,
      @Nullable Tensor keep,
      Tensor weights,
      Tensor work,
      Tensor dOut,
      Operand dq,
      Operand dk,
      Operand dv) {
    String op = "attentionBackward";
    AttentionArguments.check(op, form, q, k, v, keep, weights, work, dOut);
    long n = dOut.dim(0);
    AttentionArguments.operand(op, "dq", dq, dOut, n, dOut.dim(1));
    AttentionArguments.operand(op, "dk", dk, dOut, n, k.rows().dim(1));
    AttentionArguments.operand(op, "dv", dv, dOut, n, k.rows().dim(1));
    for (Tensor to : new Tensor[] {dq.rows(), dk.rows(), dv.rows()}) {
      for (Tensor from : new Tensor[] {q.rows(), k.rows(), v.rows(), weights, work, dOut}) {
        KernelArguments.apart(op, "a gradient", to, "what it is computed from", from);
      }
    }
    if (weights.elements() == 0) {
      return;
    }
    Loops loops = loops(dOut);
    StridedProduct products = products(dOut);
    var sizes = new Sizes(form.heads(), dOut, k.rows());
    var values = sizes.transposed(dOut, dv.rows());
    var scores = sizes.scores(dOut, v.rows());
    var queries = sizes.weighted(k.rows(), dq.rows(), true);
    var keys = sizes.transposed(q.rows(), dk.rows());
    long slopes = work.segment().address();
    long kept = slopes + sizes.perSequence() * sizes.bytes;
    for (long i = 0; i < n; i++) {
      long w = sizes.scoresAt(weights, i);
      long used = w;
      if (keep != null) {
        loops.binary(Kernels.Binary.MUL, w, sizes.scoresAt(keep, i), kept, sizes.perSequence());
        used = kept;
      }
      products.run(values, used, sizes.at(dOut, i), sizes.at(dv, i));
      products.run(scores, sizes.at(dOut, i), sizes.at(v, i), slopes);
      if (keep != null) {
        long factors = sizes.scoresAt(keep, i);
        loops.binary(Kernels.Binary.MUL, slopes, factors, slopes, sizes.perSequence());
      }
      RowLoops rows = loops.rows();
      long row = (long) sizes.keys * sizes.bytes;
      for (long at = 0, end = sizes.perSequence() * sizes.bytes; at < end; at += row) {
        double dot = rows.dot(slopes + at, w + at, sizes.keys);
        rows.softmaxSlopes(form.scale(), dot, w + at, slopes + at, sizes.keys);
      }
      products.run(queries, slopes, sizes.at(k, i), sizes.at(dq, i));
      products.run(keys, slopes, sizes.at(q, i), sizes.at(dk, i));
    }
  }

  private Loops loops(Tensor x) {
    return x.dtype() == DType.F32 ? f32 : f64;
  }

  private StridedProduct products(Tensor x) {
    return x.dtype() == DType.F32 ? products32 : products64;
  }

  /** Where things lie. */
  private static final class Sizes {
    final int heads;
    final int queries;
    final int keys;
    final int features;
    final int bytes;

    Sizes(int heads, Tensor out, Tensor k) {
      this.heads = heads;
      this.queries = PlainKernels.size(out.dim(1));
      this.keys = PlainKernels.size(k.dim(1));
      this.features = PlainKernels.size(out.dim(2) / heads);
      this.bytes = out.dtype().bytes();
    }

    long perSequence() {
      return (long) heads * queries * keys;
    }

    long scoresAt(Tensor x, long sequence) {
      return x.segment().address() + sequence * perSequence() * bytes;
    }

    long at(Operand x, long sequence) {
      return at(x.rows(), sequence) + x.column() * bytes;
    }

    long at(Tensor rows, long sequence) {
      return rows.segment().address() + sequence * rows.dim(1) * rows.dim(2) * bytes;
    }

    long maskAt(@Nullable Tensor added, long sequence, int head) {
      if (added == null) {
        return 0;
      }
      MemorySegment memory = added.segment();
      if (added.shape().rank() == 2) {
        return memory.address();
      }
      long first = added.dim(0) == 1 ? 0 : sequence;
      long second = added.dim(1) == 1 ? 0 : head;
      return memory.address() + (first * added.dim(1) + second) * queries * keys * bytes;
    }

    /** {@code [Tq, D] · [Tk, D]ᵀ -> [Tq, Tk]}. */
    StridedProduct.Form scores(Tensor left, Tensor right) {
      return new StridedProduct.Form(
          heads,
          queries,
          keys,
          features,
          false,
          features,
          left.dim(2),
          true,
          features,
          right.dim(2),
          (long) queries * keys,
          keys,
          false);
    }

    /** {@code [Tq, Tk] · [Tk, D] -> [Tq, D]}. */
    StridedProduct.Form weighted(Tensor right, Tensor to, boolean accumulate) {
      return new StridedProduct.Form(
          heads,
          queries,
          features,
          keys,
          false,
          (long) queries * keys,
          keys,
          false,
          features,
          right.dim(2),
          features,
          to.dim(2),
          accumulate);
    }

    /** {@code [Tq, Tk]ᵀ · [Tq, D] -> [Tk, D]}, added. */
    StridedProduct.Form transposed(Tensor right, Tensor to) {
      return new StridedProduct.Form(
          heads,
          keys,
          features,
          queries,
          true,
          (long) queries * keys,
          keys,
          false,
          features,
          right.dim(2),
          features,
          to.dim(2),
          true);
    }
  }
}
