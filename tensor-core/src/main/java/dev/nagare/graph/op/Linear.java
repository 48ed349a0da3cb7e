package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A matrix product with a constant weight, and what follows it, as one operator:
 *
 * <pre>
 * y = post(x · w + bias)
 * </pre>
 *
 * <p>Inputs: x {@code [.., K]}; weight {@code [K, N]}, or {@code [N, K]} where it is transposed;
 * bias {@code [N]} or absent; then the operands of the {@link PostOp.Combine} post-ops in order,
 * each of the result's shape or one that broadcasts to it. Output: {@code [.., N]}. Dtypes: F32,
 * F64, all the same. No ONNX operator: passes make it of MatMul, Gemm, Add and activations, so that
 * the weight is packed once and nothing is written twice.
 *
 * @param transposed whether the weight lies as {@code [N, K]}, as PyTorch and many Gemms have it
 * @param post what is done with each element, from first to last
 */
public record Linear(boolean transposed, List<PostOp> post) implements Operator {
  /** Inputs before the operands of post-ops. */
  public static final int FIXED_INPUTS = 3;

  /** Copies the list. */
  public Linear {
    post = List.copyOf(post);
  }

  /** With a weight {@code [K, N]}. */
  public Linear(List<PostOp> post) {
    this(false, post);
  }

  /** The same with one more post-op behind. */
  public Linear with(PostOp next) {
    var longer = new ArrayList<PostOp>(post);
    longer.add(next);
    return new Linear(transposed, longer);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.floating(name(), Rules.required(name(), inputs, 0));
    Fact weight = Rules.rank(name(), 2, Rules.required(name(), inputs, 1));
    Rules.sameDtype(name(), x, weight);
    Dim k = weight.dim(transposed ? 1 : 0);
    Dim n = weight.dim(transposed ? 0 : 1);
    if (x.rank() == 0 || Rules.differ(x.dim(-1), k)) {
      throw TensorException.mismatch(
          name()
              + ": x "
              + x.shape()
              + " does not match weight "
              + weight.shape()
              + (transposed ? ", transposed" : "")
              + ", expected a last axis of "
              + k);
    }
    Fact bias = Rules.optional(inputs, 2);
    if (bias != null && (bias.rank() != 1 || Rules.differ(bias.dim(0), n))) {
      throw TensorException.mismatch(name() + ": bias " + bias + ", expected [" + n + "]");
    }
    var shape = new ArrayList<>(x.shape());
    shape.set(shape.size() - 1, n);
    Fact y = Fact.of(x.dtype(), shape);
    PostOps.check(name(), post, y, inputs, FIXED_INPUTS);
    return List.of(y);
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Steps.input(inputs, 0);
    Tensor weight = Steps.input(inputs, 1);
    Tensor bias = Steps.optional(inputs, 2);
    Tensor y = outputs.getFirst();
    Tensor first = PostOps.first(post, y, scratch);
    var steps = new ArrayList<Step>();
    steps.add(product(kernels, rows(x), weight, bias, rows(first), scratch));
    PostOps.prepare(kernels, post, first, inputs, FIXED_INPUTS, y, scratch, steps);
    return Steps.sequence(steps);
  }

  private Step product(
      Kernels kernels, Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y, Memory scratch) {
    if (x.dim(0) != 1) {
      return () -> kernels.matmul(x, false, weight, transposed, bias, y, false);
    }
    // a row has the bits that it has among others, so it gets company
    Tensor two = scratch.empty(x.dtype(), Shape.of(2, x.dim(1)));
    Tensor both = scratch.empty(y.dtype(), Shape.of(2, y.dim(1)));
    return () -> {
      two.copyFrom(x.expand(2, -1));
      kernels.matmul(two, false, weight, transposed, bias, both, false);
      y.copyFrom(both.narrow(0, 1));
    };
  }

  private static Tensor rows(Tensor x) {
    long columns = x.dim(-1);
    return x.reshape(columns == 0 ? 0 : x.elements() / columns, columns);
  }

  /** Such as {@code linear transposed [ADD, RELU]}. */
  @Override
  public String toString() {
    String text = name() + (transposed ? " transposed" : "");
    return post.isEmpty() ? text : text + " " + post.stream().map(Linear::text).toList();
  }

  private static String text(PostOp op) {
    return switch (op) {
      case PostOp.Apply apply -> apply.function().name();
      case PostOp.Combine combine -> combine.combination().name();
    };
  }
}
