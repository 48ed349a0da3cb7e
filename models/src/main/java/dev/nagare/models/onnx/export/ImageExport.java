package dev.nagare.models.onnx.export;

import dev.nagare.graph.Node;
import dev.nagare.graph.op.AveragePool;
import dev.nagare.graph.op.BatchNorm;
import dev.nagare.graph.op.Convolution;
import dev.nagare.graph.op.MaxPool;
import dev.nagare.graph.op.SlidingWindow;
import dev.nagare.tensor.kernel.Window;
import java.util.ArrayList;
import java.util.List;

/** What goes over images and sequences with channels. */
final class ImageExport {
  private ImageExport() {}

  static String of(ExportGraph to, Node node, Convolution convolution) {
    if (!convolution.post().isEmpty()) {
      throw new IllegalArgumentException(
          convolution + " does more than a convolution; export the graph as it was before passes");
    }
    Window w = convolution.window();
    boolean flat = node.input(0).fact().rank() == 3;
    return to.node(
        "Conv",
        ElementExport.inputs(to, node),
        Attribute.integers(
            "kernel_shape", flat ? List.of(w.kernelW()) : List.of(w.kernelH(), w.kernelW())),
        Attribute.integers(
            "strides", flat ? List.of(w.strideW()) : List.of(w.strideH(), w.strideW())),
        Attribute.integers(
            "dilations", flat ? List.of(w.dilationW()) : List.of(w.dilationH(), w.dilationW())),
        Attribute.integers(
            "pads",
            flat
                ? List.of(w.left(), w.right())
                : List.of(w.top(), w.left(), w.bottom(), w.right())),
        Attribute.of("group", (long) convolution.groups()));
  }

  static String of(ExportGraph to, Node node, MaxPool pool) {
    if (pool.positions() != MaxPool.Positions.NONE) {
      throw new IllegalArgumentException("positions of a maxPool are not written as ONNX");
    }
    List<Attribute> attributes = window(pool.window(), pool.ceil());
    attributes.add(Attribute.integers("dilations", pool.window().dilations()));
    return pooled(to, node, "MaxPool", attributes);
  }

  static String of(ExportGraph to, Node node, AveragePool pool) {
    if (!pool.window().dilations().stream().allMatch(dilation -> dilation == 1)) {
      throw new IllegalArgumentException("opset 17 has no averagePool with dilations");
    }
    List<Attribute> attributes = window(pool.window(), pool.ceil());
    attributes.add(Attribute.of("count_include_pad", pool.countIncludePad() ? 1L : 0L));
    return pooled(to, node, "AveragePool", attributes);
  }

  private static List<Attribute> window(SlidingWindow window, boolean ceil) {
    List<Integer> pads = new ArrayList<>(window.before());
    pads.addAll(window.after());
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(Attribute.integers("kernel_shape", window.kernel()));
    attributes.add(Attribute.integers("strides", window.strides()));
    attributes.add(Attribute.integers("pads", pads));
    attributes.add(Attribute.of("ceil_mode", ceil ? 1L : 0L));
    return attributes;
  }

  private static String pooled(ExportGraph to, Node node, String type, List<Attribute> attributes) {
    return to.node(type, List.of(to.name(node.input(0))), attributes.toArray(Attribute[]::new));
  }

  static String of(ExportGraph to, Node node, BatchNorm norm) {
    return to.node(
        "BatchNormalization",
        ElementExport.inputs(to, node),
        Attribute.of("epsilon", (float) norm.epsilon()));
  }
}
