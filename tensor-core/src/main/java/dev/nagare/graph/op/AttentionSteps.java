package dev.nagare.graph.op;

import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Attention.Form;
import dev.nagare.tensor.kernel.Attention.Mask;
import dev.nagare.tensor.kernel.Attention.Operand;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How {@link Attention} runs on the plain kernels. */
final class AttentionSteps {
  /** Queries that attend at once, so that scores of one long sequence need little memory. */
  private static final long QUERIES = 32;

  private AttentionSteps() {}

  static Step padded(
      Kernels kernels,
      Attention op,
      List<Tensor> operands,
      List<Long> first,
      @Nullable Tensor mask,
      Tensor out,
      Memory scratch) {
    long heads = op.heads();
    long queries = out.dim(1);
    long keys = operands.get(1).dim(1);
    Tensor weights = scratch.empty(out.dtype(), Shape.of(out.dim(0), heads, queries, keys));
    Tensor work = scratch.empty(out.dtype(), Shape.of(2, heads, queries, keys));
    var q = new Operand(operands.get(0), first.get(0));
    var k = new Operand(operands.get(1), first.get(1));
    var v = new Operand(operands.get(2), first.get(2));
    if (mask == null) {
      var form = new Form(op.heads(), op.scale(), Mask.NONE);
      return () -> kernels.attention().forward(form, q, k, v, null, weights, work, out);
    }
    // the kernel repeats sequences and heads by itself, queries and keys it does not
    long[] dims = {1, 1, 1, 1};
    for (int i = 1; i <= mask.shape().rank(); i++) {
      dims[4 - i] = mask.dim(-i);
    }
    Tensor repeated = mask.reshape(dims).expand(dims[0], dims[1], queries, keys);
    Tensor added = scratch.empty(out.dtype(), repeated.shape());
    var form = new Form(op.heads(), op.scale(), Mask.NONE.withAdded(added));
    return () -> {
      added.copyFrom(repeated);
      kernels.attention().forward(form, q, k, v, null, weights, work, out);
    };
  }

  static Step ragged(
      Kernels kernels,
      Attention op,
      List<Tensor> operands,
      List<Long> first,
      Tensor offsets,
      Tensor out,
      Memory scratch) {
    long tokens = out.dim(0);
    long scores = op.heads() * Math.min(QUERIES, tokens) * tokens;
    Tensor weights = scratch.empty(out.dtype(), Shape.of(scores));
    Tensor work = scratch.empty(out.dtype(), Shape.of(2 * scores));
    var form = new Form(op.heads(), op.scale(), Mask.NONE);
    return () -> {
      long start = offsets.getLong(0);
      out.zero(); // rows may belong to no sequence
      for (long i = 1; i < offsets.elements(); i++) {
        long end = offsets.getLong(i);
        if (start < 0 || end < start || end > tokens) {
          throw TensorException.mismatch(
              "attention: offset " + i + " is " + end + " after " + start + " of " + tokens);
        }
        Operand k = rows(operands.get(1), first.get(1), start, end);
        Operand v = rows(operands.get(2), first.get(2), start, end);
        for (long at = start; at < end; at += QUERIES) {
          long to = Math.min(end, at + QUERIES);
          long size = op.heads() * (to - at) * (end - start);
          kernels
              .attention()
              .forward(
                  form,
                  rows(operands.get(0), first.get(0), at, to),
                  k,
                  v,
                  null,
                  weights.narrow(0, size).reshape(1, op.heads(), to - at, end - start),
                  work.narrow(0, 2 * size).reshape(2, op.heads(), to - at, end - start),
                  rows(out, 0, at, to).rows());
        }
        start = end;
      }
    };
  }

  /** Some rows as one sequence. */
  private static Operand rows(Tensor x, long column, long from, long to) {
    return new Operand(x.narrow(from, to - from).unsqueeze(0), column);
  }
}
