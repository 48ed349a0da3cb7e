package dev.nagare.models.onnx.export;

import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Activation;
import dev.nagare.graph.op.Gru;
import dev.nagare.graph.op.Lstm;
import dev.nagare.graph.op.RecurrentSpec;
import dev.nagare.graph.op.Rnn;
import dev.nagare.models.onnx.proto.ElementType;
import dev.nagare.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Recurrent layers: weights turned from the kernels' order into ONNX's by nodes, which a reader
 * folds, and sequences turned to have their steps first, since ONNX Runtime does not take them
 * batch first.
 */
final class RecurrentExport {
  private static final List<Integer> FIRST_TWO = List.of(1, 0, 2);

  /** {@code [T, D, N, H]} as {@code [N, T, D, H]}. */
  private static final List<Integer> ROWS_FIRST = List.of(2, 0, 1, 3);

  private final ExportGraph to;
  private final Node node;
  private final RecurrentSpec spec;

  private RecurrentExport(ExportGraph to, Node node, RecurrentSpec spec) {
    this.to = to;
    this.node = node;
    this.spec = spec;
  }

  /** Gates i, f, g, o become i, o, f, g; the second half of ONNX's biases is 0. */
  static List<String> of(ExportGraph to, Node node, Lstm lstm) {
    var export = new RecurrentExport(to, node, lstm.spec());
    int[] order = {0, 3, 1, 2};
    List<String> inputs = export.inputs(order);
    inputs.add(export.biasAndZeros(order));
    export.addStates(inputs, 5, 6);
    inputs.add(to.optional(node.optional(7)));
    Attribute forget = Attribute.of("input_forget", lstm.inputForget() ? 1L : 0L);
    return export.layer("LSTM", inputs, 3, forget);
  }

  /** Gates r, z, n become z, r, h. */
  static List<String> of(ExportGraph to, Node node, Gru gru) {
    var export = new RecurrentExport(to, node, gru.spec());
    int[] order = {1, 0, 2};
    List<String> inputs = export.inputs(order);
    Value bias = node.optional(3);
    inputs.add(bias == null ? "" : export.arranged(to.name(bias), 1, 1, 0, 2, 4, 3, 5));
    export.addStates(inputs, 5);
    Attribute before = Attribute.of("linear_before_reset", gru.linearBeforeReset() ? 1L : 0L);
    return export.layer("GRU", inputs, 2, before);
  }

  static List<String> of(ExportGraph to, Node node, Rnn rnn) {
    var export = new RecurrentExport(to, node, rnn.spec());
    List<String> inputs = export.inputs(0);
    inputs.add(export.biasAndZeros(0));
    export.addStates(inputs, 5);
    return export.layer("RNN", inputs, 2);
  }

  /** The sequences and both weights. */
  private List<String> inputs(int... order) {
    List<String> inputs = new ArrayList<>();
    String x = to.name(node.input(0));
    inputs.add(spec.batchFirst() ? turned(x, FIRST_TWO) : x);
    for (int weight = 1; weight <= 2; weight++) {
      inputs.add(turned(arranged(to.name(node.input(weight)), 2, order), List.of(0, 2, 1)));
    }
    return inputs;
  }

  /** The equal parts of an axis in another order. */
  private String arranged(String x, int axis, int... order) {
    if (order.length == 1) {
      return x;
    }
    Attribute along = Attribute.of("axis", (long) axis);
    long part = spec.hidden();
    long[] parts = new long[order.length];
    Arrays.fill(parts, part);
    List<String> pieces = to.node("Split", List.of(x, to.longs(parts)), order.length, along);
    List<String> wanted = Arrays.stream(order).mapToObj(pieces::get).toList();
    return to.node("Concat", wanted, along);
  }

  private String biasAndZeros(int... order) {
    Value bias = node.optional(3);
    if (bias == null) {
      return "";
    }
    long width = order.length * spec.hidden();
    String zeros =
        to.node(
            "ConstantOfShape",
            List.of(to.longs(spec.directions(), width)),
            Attribute.of("value", to.single(bias.fact().dtype(), 0)));
    return to.node(
        "Concat", List.of(arranged(to.name(bias), 1, order), zeros), Attribute.of("axis", 1L));
  }

  /** Lengths and states. */
  private void addStates(List<String> inputs, int... states) {
    Value lengths = node.optional(4);
    inputs.add(lengths == null ? "" : asInt(lengths));
    for (int state : states) {
      Value value = node.optional(state);
      inputs.add(value == null ? "" : stepsFirst(to.name(value)));
    }
  }

  private String asInt(Value lengths) {
    String name = to.name(lengths);
    return lengths.fact().dtype() == DType.I32
        ? name
        : to.node("Cast", List.of(name), Attribute.of("to", (long) ElementType.number(DType.I32)));
  }

  private String stepsFirst(String state) {
    return spec.batchFirst() ? turned(state, FIRST_TWO) : state;
  }

  private String turned(String x, List<Integer> order) {
    return to.node("Transpose", List.of(x), Attribute.integers("perm", order));
  }

  private List<String> layer(String type, List<String> inputs, int outputs, Attribute... more) {
    List<Attribute> attributes = new ArrayList<>(List.of(more));
    attributes.add(Attribute.of("hidden_size", spec.hidden()));
    String direction =
        switch (spec.direction()) {
          case FORWARD -> "forward";
          case REVERSE -> "reverse";
          case BIDIRECTIONAL -> "bidirectional";
        };
    attributes.add(Attribute.of("direction", direction));
    if (spec.clip() != 0) {
      attributes.add(Attribute.of("clip", (float) spec.clip()));
    }
    if (!spec.activations().isEmpty()) {
      List<String> names = spec.activations().stream().map(RecurrentExport::named).toList();
      attributes.add(Attribute.texts("activations", names));
    }
    List<String> made =
        new ArrayList<>(to.node(type, inputs, outputs, attributes.toArray(Attribute[]::new)));
    if (spec.batchFirst()) {
      made.set(0, turned(made.get(0), ROWS_FIRST));
      for (int i = 1; i < made.size(); i++) {
        made.set(i, turned(made.get(i), FIRST_TWO));
      }
    }
    return made;
  }

  private static String named(Activation activation) {
    return switch (activation.function()) {
      case SIGMOID -> "Sigmoid";
      case TANH -> "Tanh";
      case RELU -> "Relu";
      case SOFTSIGN -> "Softsign";
      case SOFTPLUS -> "Softplus";
      default -> throw new IllegalArgumentException(activation + " is not written as ONNX");
    };
  }
}
