package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Activation;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.RecurrentSpec;
import dev.nagare.graph.op.Split;
import dev.nagare.graph.op.Transpose;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code LSTM}, {@code GRU} and {@code RNN} have in common: sizes, directions, activations,
 * and weights, which are brought from ONNX's order into that of the kernels by operators, so that
 * they may come from anywhere; where they are constant, a pass folds them.
 */
final class RecurrentReader {
  private static final Map<String, Form> FORMS =
      Map.ofEntries(
          Map.entry("sigmoid", new Form(Activation.Function.SIGMOID)),
          Map.entry("tanh", new Form(Activation.Function.TANH)),
          Map.entry("relu", new Form(Activation.Function.RELU)),
          Map.entry("affine", new Form(Activation.Function.AFFINE, 1, 0)),
          Map.entry("leakyrelu", new Form(Activation.Function.LEAKY_RELU, 0.01f)),
          Map.entry("thresholdedrelu", new Form(Activation.Function.THRESHOLDED_RELU, 1)),
          Map.entry("scaledtanh", new Form(Activation.Function.SCALED_TANH, 1, 1)),
          Map.entry("hardsigmoid", new Form(Activation.Function.HARD_SIGMOID, 0.2f, 0.5)),
          Map.entry("elu", new Form(Activation.Function.ELU, 1)),
          Map.entry("softsign", new Form(Activation.Function.SOFTSIGN)),
          Map.entry("softplus", new Form(Activation.Function.SOFTPLUS)));

  private final NodeReader node;

  RecurrentReader(NodeReader node) {
    this.node = node;
  }

  /** Sizes, directions and activations. */
  RecurrentSpec spec() {
    long hidden = node.fact(2).dim(2).value();
    if (node.integer("hidden_size", hidden) != hidden) {
      throw node.refuse("hidden_size, but R is " + node.fact(2));
    }
    RecurrentSpec.Direction direction =
        switch (node.text("direction", "forward")) {
          case "forward" -> RecurrentSpec.Direction.FORWARD;
          case "reverse" -> RecurrentSpec.Direction.REVERSE;
          case "bidirectional" -> RecurrentSpec.Direction.BIDIRECTIONAL;
          default -> throw node.refuse("direction " + node.text("direction", ""));
        };
    boolean batchFirst = node.opset() >= 14 && node.flag("layout", false);
    return new RecurrentSpec(hidden, direction, batchFirst, node.number("clip", 0), activations());
  }

  private List<Activation> activations() {
    List<String> names = node.texts("activations");
    List<Float> alphas = node.numbers("activation_alpha");
    List<Float> betas = node.numbers("activation_beta");
    if (names == null) {
      return List.of();
    }
    List<Activation> all = new ArrayList<>();
    int alpha = 0;
    int beta = 0;
    for (String name : names) {
      Form form = FORMS.get(name.toLowerCase(Locale.ROOT));
      if (form == null) {
        throw node.refuse("activation " + name);
      }
      double a = form.alpha;
      double b = form.beta;
      // Only those that have a parameter take one from the lists.
      if (form.hasAlpha && alphas != null && alpha < alphas.size()) {
        a = alphas.get(alpha++);
      }
      if (form.hasBeta && betas != null && beta < betas.size()) {
        b = betas.get(beta++);
      }
      all.add(new Activation(form.function, a, b));
    }
    return all;
  }

  /** {@code [D, G·H, I]} with gates in one order as {@code [D, I, G·H]} with them in another. */
  Value weight(int input, int... order) {
    return node.add(new Transpose(List.of(0, 2, 1)), arranged(node.input(input), order));
  }

  /** The parts of axis 1, which are equal, in another order. */
  Value arranged(Value x, int... order) {
    if (order.length == 1) {
      return x;
    }
    List<Value> parts = parts(x, order.length);
    List<Value> wanted = new ArrayList<>();
    for (int part : order) {
      wanted.add(parts.get(part));
    }
    return node.add(new Concat(1), wanted.toArray(Value[]::new));
  }

  /** Equal parts of axis 1. */
  List<Value> parts(Value x, int count) {
    Dim size = x.fact().dim(1).exactDiv(Dim.of(count));
    if (size == null) {
      throw node.refuse(x.fact() + " is not " + count + " equal parts");
    }
    Node split =
        node.scope()
            .graph()
            .add(new Split(1, Collections.nCopies(count, size)), List.of(x), List.of());
    return split.outputs();
  }

  /** The sum of both biases {@code [D, 2·G·H]}, with gates in another order; null for none. */
  @Nullable Value bias(int... order) {
    Value b = node.optional(3);
    if (b == null) {
      return null;
    }
    List<Value> halves = parts(b, 2);
    Value sum = node.add(new Binary(Binary.Function.ADD), halves.get(0), halves.get(1));
    return arranged(sum, order);
  }

  /** An activation's parameters where none are given. */
  private record Form(
      Activation.Function function, boolean hasAlpha, double alpha, boolean hasBeta, double beta) {
    Form(Activation.Function function) {
      this(function, false, 0, false, 0);
    }

    Form(Activation.Function function, double alpha) {
      this(function, true, alpha, false, 0);
    }

    Form(Activation.Function function, double alpha, double beta) {
      this(function, true, alpha, true, beta);
    }
  }
}
