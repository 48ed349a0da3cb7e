package dev.nagare.models.onnx.export;

import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Cast;
import dev.nagare.graph.op.Clip;
import dev.nagare.graph.op.HardSigmoid;
import dev.nagare.graph.op.Unary;
import dev.nagare.models.onnx.proto.ElementType;
import dev.nagare.tensor.DType;
import java.util.List;

/** What goes element by element. */
final class ElementExport {
  /** Of the hyperbolic tangent's GELU. */
  private static final double CUBE = 0.044715;

  private static final double ROOT_OF_2 = Math.sqrt(2);
  private static final double ROOT_OF_2_OVER_PI = Math.sqrt(2 / Math.PI);

  private ElementExport() {}

  /** The names of all inputs. */
  static List<String> inputs(ExportGraph to, Node node) {
    return node.inputs().stream().map(to::optional).toList();
  }

  static String of(ExportGraph to, Node node, String type, double alpha) {
    return to.node(type, inputs(to, node), Attribute.of("alpha", (float) alpha));
  }

  static String of(ExportGraph to, Node node, HardSigmoid sigmoid) {
    return to.node(
        "HardSigmoid",
        inputs(to, node),
        Attribute.of("alpha", (float) sigmoid.alpha()),
        Attribute.of("beta", (float) sigmoid.beta()));
  }

  static String of(ExportGraph to, Node node, Cast cast) {
    return to.node(
        "Cast", inputs(to, node), Attribute.of("to", (long) ElementType.number(cast.to())));
  }

  static String of(ExportGraph to, Node node, Clip clip) {
    DType dtype = node.input(0).fact().dtype();
    String low = Double.isInfinite(clip.low()) ? "" : to.scalar(dtype, clip.low());
    String high = Double.isInfinite(clip.high()) ? "" : to.scalar(dtype, clip.high());
    return to.node("Clip", List.of(to.name(node.input(0)), low, high));
  }

  static String of(ExportGraph to, Node node, Binary binary) {
    List<String> inputs = inputs(to, node);
    return switch (binary.function()) {
      case ADD -> to.node("Add", inputs);
      case SUB -> to.node("Sub", inputs);
      case MUL -> to.node("Mul", inputs);
      case DIV -> to.node("Div", inputs);
      case POW -> to.node("Pow", inputs);
      case MIN -> to.node("Min", inputs);
      case MAX -> to.node("Max", inputs);
      case MOD -> to.node("Mod", inputs);
      case REMAINDER -> to.node("Mod", inputs, Attribute.of("fmod", 1L));
      case AND -> to.node("And", inputs);
      case OR -> to.node("Or", inputs);
      case XOR -> to.node("Xor", inputs);
      case EQUAL -> to.node("Equal", inputs);
      case LESS -> to.node("Less", inputs);
      case LESS_OR_EQUAL -> to.node("LessOrEqual", inputs);
      case GREATER -> to.node("Greater", inputs);
      case GREATER_OR_EQUAL -> to.node("GreaterOrEqual", inputs);
      case PRELU -> to.node("PRelu", inputs);
    };
  }

  static String of(ExportGraph to, Node node, Unary unary) {
    Value input = node.input(0);
    String x = to.name(input);
    return switch (unary.function()) {
      case RELU -> to.node("Relu", List.of(x));
      case SIGMOID -> to.node("Sigmoid", List.of(x));
      case TANH -> to.node("Tanh", List.of(x));
      case EXP -> to.node("Exp", List.of(x));
      case LOG -> to.node("Log", List.of(x));
      case SQRT -> to.node("Sqrt", List.of(x));
      case NEG -> to.node("Neg", List.of(x));
      case ABS -> to.node("Abs", List.of(x));
      case ERF -> to.node("Erf", List.of(x));
      case RECIPROCAL -> to.node("Reciprocal", List.of(x));
      case FLOOR -> to.node("Floor", List.of(x));
      case CEIL -> to.node("Ceil", List.of(x));
      case ROUND -> to.node("Round", List.of(x));
      case SIGN -> to.node("Sign", List.of(x));
      case NOT -> to.node("Not", List.of(x));
      case SOFTPLUS -> to.node("Softplus", List.of(x));
      case SOFTSIGN -> to.node("Softsign", List.of(x));
      case SIN -> to.node("Sin", List.of(x));
      case COS -> to.node("Cos", List.of(x));
      case HARD_SWISH -> to.node("HardSwish", List.of(x));
      case SILU -> to.node("Mul", List.of(x, to.node("Sigmoid", List.of(x))));
      case GELU -> gelu(to, input, erf(to, input));
      case GELU_TANH -> gelu(to, input, tanh(to, input));
    };
  }

  /** {@code x / 2 · (1 + s)}: opset 17 has no GELU. */
  private static String gelu(ExportGraph to, Value x, String s) {
    DType dtype = x.fact().dtype();
    String half = to.node("Mul", List.of(to.name(x), to.scalar(dtype, 0.5)));
    return to.node("Mul", List.of(half, to.node("Add", List.of(s, to.scalar(dtype, 1)))));
  }

  private static String erf(ExportGraph to, Value x) {
    String root = to.scalar(x.fact().dtype(), ROOT_OF_2);
    return to.node("Erf", List.of(to.node("Div", List.of(to.name(x), root))));
  }

  private static String tanh(ExportGraph to, Value x) {
    DType dtype = x.fact().dtype();
    String name = to.name(x);
    String cube = to.node("Mul", List.of(name, to.node("Mul", List.of(name, name))));
    String bent =
        to.node("Add", List.of(name, to.node("Mul", List.of(cube, to.scalar(dtype, CUBE)))));
    return to.node(
        "Tanh", List.of(to.node("Mul", List.of(bent, to.scalar(dtype, ROOT_OF_2_OVER_PI)))));
  }
}
