package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Window;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two-dimensional cross-correlation in groups, as {@link dev.nagare.tensor.kernel.Convolution}, and
 * what follows it; one dimension is a window of height 1 on {@code [N, C, W]}.
 *
 * <p>Inputs: x {@code [N, C, H, W]}, weight {@code [O, C / groups, kernelH, kernelW]} (without
 * kernelH in one dimension), bias {@code [O]} or none, then the operand of each {@link
 * PostOp.Combine} in order, which broadcasts to y {@code [N, O, H', W']}. Dtypes: F32, F64. Source:
 * ONNX {@code Conv}.
 *
 * @param window size, strides, dilations and padding
 * @param groups how many groups the channels of both sides fall into
 * @param post what follows; an importer gives none
 */
public record Convolution(Window window, int groups, List<PostOp> post) implements Operator {
  /** Copies the list. */
  public Convolution {
    post = List.copyOf(post);
  }

  @Override
  public String name() {
    return "conv2d";
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.floating(name(), Rules.required(name(), inputs, 0));
    Fact weight = Rules.required(name(), inputs, 1);
    Rules.sameDtype(name(), x, weight);
    boolean line = x.rank() == 3;
    if (!line && x.rank() != 4) {
      throw TensorException.mismatch(name() + ": expected [N, C, H, W] or [N, C, W], got " + x);
    }
    Rules.rank(name(), x.rank(), weight);
    if (line && window.kernelH() != 1) {
      throw TensorException.mismatch(
          name() + ": window " + window + " on " + x + ", expected one of height 1");
    }
    requireFit(x, weight);
    var shape = new ArrayList<Dim>(List.of(x.dim(0), weight.dim(0)));
    if (!line) {
      int reach = window.dilationH() * (window.kernelH() - 1) + 1;
      int padding = window.top() + window.bottom();
      shape.add(out(x, x.dim(2), padding - reach, window.strideH()));
    }
    int reach = window.dilationW() * (window.kernelW() - 1) + 1;
    int padding = window.left() + window.right();
    shape.add(out(x, x.dim(-1), padding - reach, window.strideW()));
    Fact bias = Rules.optional(inputs, 2);
    if (bias != null && (bias.rank() != 1 || Rules.differ(bias.dim(0), weight.dim(0)))) {
      throw TensorException.mismatch(
          name() + ": bias " + bias + ", expected [" + weight.dim(0) + "]");
    }
    Fact y = Fact.of(x.dtype(), shape);
    PostOps.check(name(), post, y, inputs, 3);
    return List.of(y);
  }

  private void requireFit(Fact x, Fact weight) {
    Dim channels = weight.dim(1).times(groups);
    if (Rules.differ(x.dim(1), channels)) {
      throw TensorException.mismatch(
          name()
              + ": input channels "
              + x.dim(1)
              + " do not match weight "
              + weight.shape()
              + ", expected "
              + channels);
    }
    boolean sameKernel =
        !Rules.differ(weight.dim(-1), Dim.of(window.kernelW()))
            && (weight.rank() == 3 || !Rules.differ(weight.dim(2), Dim.of(window.kernelH())));
    Dim out = weight.dim(0);
    if (!sameKernel || groups < 1 || (out.isKnown() && out.value() % groups != 0)) {
      throw TensorException.mismatch(
          name() + ": weight " + weight.shape() + " with window " + window + ", groups " + groups);
    }
  }

  private Dim out(Fact x, Dim size, int more, int stride) {
    Dim room = size.plus(more);
    if (room.isKnown() && room.value() < 0) {
      throw TensorException.mismatch(
          name() + ": " + x.shape() + " is smaller than the window " + window);
    }
    return room.floorDiv(stride).plus(1);
  }

  @Override
  public Order order() {
    return Order.CHANNELS_LAST;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Layouts.channelsLast(name(), Steps.input(inputs, 0));
    Tensor y = outputs.getFirst();
    Tensor given = Steps.input(inputs, 1);
    var steps = new ArrayList<Step>();
    Tensor kernel =
        Steps.contiguous(given.shape().rank() == 3 ? given.unsqueeze(2) : given, scratch, steps);
    Tensor bias = Steps.optional(inputs, 2);
    Tensor first = PostOps.first(post, y, scratch);
    Tensor out = Layouts.channelsLast(name(), first);
    var convolution = kernels.convolution();
    steps.add(() -> convolution.forward(window, groups, x, kernel, bias, out));
    PostOps.prepare(kernels, post, first, inputs, 3, y, scratch, steps);
    return Steps.sequence(steps);
  }
}
