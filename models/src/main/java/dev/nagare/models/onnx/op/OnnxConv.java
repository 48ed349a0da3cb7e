package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.op.Convolution;
import dev.nagare.graph.op.SlidingWindow;
import dev.nagare.tensor.kernel.Window;
import java.util.List;

/**
 * {@code Conv}, opset 1–20, of one or two spatial axes. The kernel's size is the weight's where it
 * is not said.
 */
final class OnnxConv implements OnnxOperator {
  @Override
  public String name() {
    return "Conv";
  }

  @Override
  public void add(NodeReader node) {
    Fact weight = node.fact(1);
    List<Long> kernel = node.integers("kernel_shape");
    if (kernel == null || kernel.isEmpty()) {
      kernel = weight.shape().stream().skip(2).map(Dim::value).toList();
    }
    SlidingWindow window = Spatial.window(node, kernel);
    int groups = node.axis("group", 1);
    node.emit(
        new Convolution(image(node, window), groups, List.of()),
        node.input(0),
        node.input(1),
        node.optional(2));
  }

  private static Window image(NodeReader node, SlidingWindow window) {
    int w = window.kernel().size() - 1;
    if (w > 1) {
      throw node.refuse((w + 1) + " spatial axes are not supported, one or two are");
    }
    boolean line = w == 0;
    return new Window(
        line ? 1 : window.kernel().get(0),
        window.kernel().get(w),
        line ? 1 : window.strides().get(0),
        window.strides().get(w),
        line ? 1 : window.dilations().get(0),
        window.dilations().get(w),
        line ? 0 : window.before().get(0),
        window.before().get(w),
        line ? 0 : window.after().get(0),
        window.after().get(w));
  }
}
