package dev.nagare.graph.plan;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.BatchNorm;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.Convolution;
import dev.nagare.graph.op.Gather;
import dev.nagare.graph.op.If;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.Lstm;
import dev.nagare.graph.op.MaxPool;
import dev.nagare.graph.op.RecurrentSpec;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Slice;
import dev.nagare.graph.op.SlidingWindow;
import dev.nagare.graph.op.Softmax;
import dev.nagare.graph.op.Transpose;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Window;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;

/** Small graphs that plans are tested with. */
final class Networks {
  private Networks() {}

  static Tensor random(Memory memory, long seed, long... dims) {
    Tensor tensor = memory.empty(DType.F32, Shape.of(dims));
    fill(tensor, seed);
    return tensor;
  }

  static void fill(Tensor tensor, long seed) {
    var random = new CounterRandom(seed, 0, 0);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, random.uniform((int) i) - 0.5);
    }
  }

  /** Plans of a graph for up to 40 rows of its size {@code batch}. */
  static Plans plans(Graph graph, Kernels kernels, int first, int capacity, Executor background) {
    return new Plans(
        graph, "batch", first, 40, Map.of(), kernels, PlanOptions.DEFAULT, background, capacity);
  }

  private static Value weight(Graph graph, Memory memory, String name, long seed, long... dims) {
    return graph.constant(name, random(memory, seed, dims));
  }

  /** Rows {@code [batch, 24]} through two layers with a residual, a norm and a softmax. */
  static Graph rows(Memory memory) {
    var graph = new Graph("rows");
    Value x = graph.input("x", DType.F32, Dim.named("batch"), Dim.of(24));
    Value hidden =
        graph.add(
            new Linear(List.of(new PostOp.Apply(PostOp.Function.GELU))),
            x,
            weight(graph, memory, "w1", 1, 24, 40),
            weight(graph, memory, "b1", 2, 40));
    Value back =
        graph.add(
            new Linear(true, List.of(new PostOp.Combine(PostOp.Combination.ADD))),
            hidden,
            weight(graph, memory, "w2", 3, 24, 40),
            weight(graph, memory, "b2", 4, 24),
            x);
    Value norm =
        graph.add(
            new LayerNorm(-1, 1e-5),
            back,
            weight(graph, memory, "scale", 5, 24),
            weight(graph, memory, "shift", 6, 24));
    Value scaled =
        graph.add(new Binary(Binary.Function.MUL), norm, weight(graph, memory, "factor", 7, 24));
    graph.output(
        "y", graph.add(new Softmax(-1), graph.add(new Unary(Unary.Function.TANH), scaled)));
    return graph;
  }

  /** Windows {@code [batch, 5, 8]} through an LSTM as PyTorch exports one, and a head. */
  static Graph windows(Memory memory) {
    var graph = new Graph("windows");
    Value x = graph.input("x", DType.F32, Dim.named("batch"), Dim.of(5), Dim.of(8));
    Value steps = graph.add(new Transpose(List.of(1, 0, 2)), x);
    Node node =
        graph.add(
            new Lstm(new RecurrentSpec(32, RecurrentSpec.Direction.FORWARD), false),
            List.of(
                steps,
                weight(graph, memory, "w", 1, 1, 8, 128),
                weight(graph, memory, "r", 2, 1, 32, 128),
                weight(graph, memory, "b", 3, 1, 128)),
            List.of("states", "state", "cell"));
    Value hidden =
        graph.add(
            new Reshape(List.of(Dim.of(5), Dim.named("batch"), Dim.of(32))), node.outputs().get(0));
    Value rows = graph.add(new Transpose(List.of(1, 0, 2)), hidden);
    Value index = graph.constant("last", memory.ofLongs(Shape.of(), -1));
    Value last = graph.add(new Gather(1), rows, index);
    Value head =
        graph.add(
            new Linear(List.of()),
            last,
            weight(graph, memory, "h", 4, 32, 10),
            weight(graph, memory, "d", 5, 10));
    graph.output("y", head);
    graph.output("h", node.outputs().get(1));
    return graph;
  }

  /** One of two layers, as an input says. */
  static Graph branches(Memory memory) {
    var graph = new Graph("branches");
    Value which = graph.input("which", DType.BOOL, Dim.ONE);
    Value x = graph.input("x", DType.F32, Dim.named("batch"), Dim.of(6));
    Value doubled = graph.add(new Binary(Binary.Function.ADD), x, x);
    var branch = new If(branch(memory, "then", 1), branch(memory, "otherwise", 2));
    graph.output("y", graph.add(branch, which, doubled));
    return graph;
  }

  private static Graph branch(Memory memory, String name, long seed) {
    var graph = new Graph(name);
    Value x = graph.input("captured", DType.F32, Dim.named("batch"), Dim.of(6));
    Value weight = weight(graph, memory, name + ".w", seed, 6, 4);
    graph.output("out", graph.add(new Linear(List.of()), x, weight));
    return graph;
  }

  /** Images {@code [batch, 64, 23, 26]}, large enough for tiles, through two convolutions. */
  static Graph wideImages(Memory memory) {
    var graph = new Graph("wide images");
    Value x = graph.input("x", DType.F32, Dim.named("batch"), Dim.of(64), Dim.of(23), Dim.of(26));
    var relu = new PostOp.Apply(PostOp.Function.RELU);
    var three = new Convolution(Window.of(3, 3).padding(1, 1), 1, List.of(relu));
    Value first = graph.add(three, x, weight(graph, memory, "c1", 1, 64, 64, 3, 3));
    graph.output("y", graph.add(three, first, weight(graph, memory, "c2", 2, 64, 64, 3, 3)));
    return graph;
  }

  /** Images {@code [batch, 3, 10, 8]} through a block of a DenseNet: what was made so far stays. */
  static Graph dense(Memory memory) {
    var graph = new Graph("dense");
    Value x = graph.input("x", DType.F32, Dim.named("batch"), Dim.of(3), Dim.of(10), Dim.of(8));
    var three = new Convolution(Window.of(3, 3).padding(1, 1), 1, List.of());
    Value all = graph.add(three, x, weight(graph, memory, "c0", 1, 24, 3, 3, 3));
    for (int layer = 1; layer <= 3; layer++) {
      long c = 24 + 8L * (layer - 1);
      Value normal = normal(graph, memory, all, "n" + layer, 10L * layer, c);
      Value more =
          graph.add(three, normal, weight(graph, memory, "c" + layer, layer + 1, 8, c, 3, 3));
      all = graph.add(new Concat(1), all, more);
    }
    Value pool = graph.add(new MaxPool(SlidingWindow.of(2, 2).strides(2, 2), false), all);
    Value part =
        graph.add(
            new Slice(List.of(1), List.of(Dim.of(4)), List.of(Dim.of(44)), List.of(1L)), pool);
    var one = new Convolution(Window.of(1, 1), 1, List.of());
    graph.output("y", graph.add(one, part, weight(graph, memory, "last", 9, 10, 40, 1, 1)));
    return graph;
  }

  /** Images {@code [batch, 3, 5, 4]}, and what two convolutions make of them, along each axis. */
  static Graph concats(Memory memory) {
    var graph = new Graph("concats");
    Value x = graph.input("x", DType.F32, Dim.named("batch"), Dim.of(3), Dim.of(5), Dim.of(4));
    var three = new Convolution(Window.of(3, 3).padding(1, 1), 1, List.of());
    Value one = graph.add(three, x, weight(graph, memory, "c1", 1, 3, 3, 3, 3));
    Value other = graph.add(three, one, weight(graph, memory, "c2", 2, 3, 3, 3, 3));
    for (int axis = 0; axis < 4; axis++) {
      graph.output("images" + axis, graph.add(new Concat(axis), one, other, x));
      graph.output("rows" + axis, graph.add(new Concat(axis - 4), x, other));
    }
    return graph;
  }

  /** A batch normalisation, the scale of Caffe behind it, and a ReLU. */
  private static Value normal(
      Graph graph, Memory memory, Value x, String name, long seed, long channels) {
    Value variance = weight(graph, memory, name + ".variance", seed, channels);
    Tensor numbers = Objects.requireNonNull(variance.constant());
    for (long i = 0; i < channels; i++) {
      numbers.set(i, 1 + numbers.get(i));
    }
    Value y =
        graph.add(
            new BatchNorm(1e-5),
            x,
            weight(graph, memory, name + ".scale", seed + 1, channels),
            weight(graph, memory, name + ".shift", seed + 2, channels),
            weight(graph, memory, name + ".mean", seed + 3, channels),
            variance);
    Value factor = weight(graph, memory, name + ".factor", seed + 4, channels, 1, 1);
    Value term = weight(graph, memory, name + ".term", seed + 5, channels, 1, 1);
    Value scaled = graph.add(new Binary(Binary.Function.MUL), y, factor);
    Value moved = graph.add(new Binary(Binary.Function.ADD), scaled, term);
    return graph.add(new Unary(Unary.Function.RELU), moved);
  }

  /** Images {@code [batch, 3, 13, 11]} through convolutions, a pool, a concat and a mean. */
  static Graph images(Memory memory) {
    var graph = new Graph("images");
    Value x = graph.input("x", DType.F32, Dim.named("batch"), Dim.of(3), Dim.of(13), Dim.of(11));
    var relu = new PostOp.Apply(PostOp.Function.RELU);
    Value first =
        graph.add(
            new Convolution(Window.of(3, 3).padding(1, 1), 1, List.of(relu)),
            x,
            weight(graph, memory, "c1", 1, 16, 3, 3, 3),
            weight(graph, memory, "d1", 2, 16));
    Value second =
        graph.add(
            new Convolution(
                Window.of(3, 3).padding(1, 1),
                1,
                List.of(new PostOp.Combine(PostOp.Combination.ADD), relu)),
            first,
            weight(graph, memory, "c2", 3, 16, 16, 3, 3),
            weight(graph, memory, "d2", 4, 16),
            first);
    Value depthwise =
        graph.add(
            new Convolution(Window.of(3, 3).padding(1, 1).stride(2, 2), 16, List.of()),
            second,
            weight(graph, memory, "c3", 5, 16, 1, 3, 3));
    Value pool =
        graph.add(new MaxPool(SlidingWindow.of(3, 3).strides(2, 2).padding(1, 1), false), second);
    Value both = graph.add(new Concat(1), depthwise, pool);
    Value active = graph.add(new Unary(Unary.Function.RELU), both);
    Value mean = graph.add(new Reduce(Reduce.Kind.MEAN, List.of(2, 3), true), active);
    Value flat = graph.add(new Reshape(List.of(Dim.named("batch"), Dim.of(32))), mean);
    graph.output(
        "y",
        graph.add(
            new Linear(List.of()),
            flat,
            weight(graph, memory, "w", 6, 32, 10),
            weight(graph, memory, "b", 7, 10)));
    graph.output("features", active);
    return graph;
  }
}
