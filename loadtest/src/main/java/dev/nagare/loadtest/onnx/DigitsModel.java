package dev.nagare.loadtest.onnx;

import dev.nagare.loadtest.onnx.OnnxGraph.Attribute;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A small residual network for digits: {@code image [N, 1, 28, 28] -> logits [N, 10]}; a
 * convolution to 16 channels, residual blocks of 16 and 32 (the second at half the size), the mean
 * of each channel, ten classes. BatchNorm is written out, as a framework exports it untouched.
 */
public final class DigitsModel {
  private static final long SEED = 28;
  private static final int OPSET = 17;

  private final OnnxGraph graph = new OnnxGraph("digits");

  private final long seed;

  private DigitsModel(long seed) {
    this.seed = seed;
  }

  /** Writes it. */
  public static void write(Path file) throws IOException {
    write(file, SEED);
  }

  /** Writes it with weights of this seed. */
  public static void write(Path file, long seed) throws IOException {
    new DigitsModel(seed).build(file);
  }

  private void build(Path file) throws IOException {
    graph.input("image", "N", 1, 28, 28);
    String stem = relu(convolution("stem", "image", 1, 16, 3, 1));
    String narrow = block("block1", stem, 16, 16, 1);
    String wide = block("block2", narrow, 16, 32, 2);
    graph.node("GlobalAveragePool", List.of(wide), "pooled");
    graph.node("Flatten", List.of("pooled"), "features", Attribute.of("axis", 1));
    weight("head.weight", Math.sqrt(6.0 / 32), 10, 32);
    weight("head.bias", 0.1, 10);
    graph.node(
        "Gemm",
        List.of("features", "head.weight", "head.bias"),
        "logits",
        Attribute.of("transB", 1));
    graph.output("logits", "N", 10);
    graph.write(file, OPSET);
  }

  private String block(String name, String x, int in, int out, int stride) {
    String first = relu(convolution(name + ".conv1", x, in, out, 3, stride));
    String second = convolution(name + ".conv2", first, out, out, 3, 1);
    String shortcut = in == out ? x : convolution(name + ".shortcut", x, in, out, 1, stride);
    graph.node("Add", List.of(second, shortcut), name + ".sum");
    return relu(name + ".sum");
  }

  /** A convolution without bias and its BatchNorm. */
  private String convolution(String name, String x, int in, int out, int kernel, int stride) {
    weight(name + ".weight", Math.sqrt(6.0 / (in * kernel * kernel)), out, in, kernel, kernel);
    long border = kernel / 2;
    graph.node(
        "Conv",
        List.of(x, name + ".weight"),
        name,
        Attribute.of("kernel_shape", kernel, kernel),
        Attribute.of("strides", stride, stride),
        Attribute.of("pads", border, border, border, border));
    values(name + ".scale", 0.8, 1.2, out);
    values(name + ".shift", -0.1, 0.1, out);
    values(name + ".mean", -0.1, 0.1, out);
    values(name + ".variance", 0.5, 1.5, out);
    graph.node(
        "BatchNormalization",
        List.of(name, name + ".scale", name + ".shift", name + ".mean", name + ".variance"),
        name + ".norm",
        Attribute.of("epsilon", 1e-5f));
    return name + ".norm";
  }

  private String relu(String x) {
    graph.node("Relu", List.of(x), x + ".relu");
    return x + ".relu";
  }

  private void weight(String name, double bound, long... dims) {
    values(name, -bound, bound, dims);
  }

  private void values(String name, double low, double high, long... dims) {
    int count = (int) Arrays.stream(dims).reduce(1, Math::multiplyExact);
    graph.floats(name, () -> Seeded.uniform(seed, name, count, low, high), dims);
  }
}
