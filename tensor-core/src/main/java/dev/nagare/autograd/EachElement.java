package dev.nagare.autograd;

import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Clip;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Activations;
import dev.nagare.tensor.kernel.Kernels.Unary;
import dev.nagare.tensor.kernel.Pointwise.Single;
import org.jspecify.annotations.Nullable;

/**
 * A function of one argument, element by element, with a kernel for it and one for its slope.
 *
 * <p>Shapes: {@code S -> S}, in any strides; the result of a dense tensor lies as it does. Dtypes:
 * F32, F64, BF16 without gradient. Gradient: to x; at kinks PyTorch's, see the functions.
 */
final class EachElement extends Node {
  private final Function function;
  private final int @Nullable [] order;
  private final Tensor in;
  private final Tensor out;

  /** What is applied; one object serves any number of applications. */
  sealed interface Function {
    /** Name in errors. */
    String op();

    /** {@code y = f(x)}. */
    void forward(Tape tape, Tensor x, Tensor y);

    /** {@code dx += dy · f'(x)}. */
    void backward(Tape tape, Tensor x, Tensor y, Tensor dy, Tensor dx);

    /** Its counterpart in a graph. */
    Operator traced();
  }

  /**
   * See {@link Unary}; the gradient of ReLU and the absolute value at 0 is 0. Source: {@code
   * torch.sigmoid}, {@code tanh}, {@code relu}, {@code exp}, {@code square}, {@code abs}.
   */
  record Plain(Unary f) implements Function {
    @Override
    public String op() {
      return "activation";
    }

    @Override
    public void forward(Tape tape, Tensor x, Tensor y) {
      ElementsInParts.unary(tape, f, x, y);
    }

    @Override
    public void backward(Tape tape, Tensor x, Tensor y, Tensor dy, Tensor dx) {
      ElementsInParts.unaryBackward(tape, f, x, y, dy, dx);
    }

    @Override
    public Operator traced() {
      return f == Unary.SQUARE
          ? new Binary(Binary.Function.MUL)
          : new dev.nagare.graph.op.Unary(dev.nagare.graph.op.Unary.Function.valueOf(f.name()));
    }
  }

  /**
   * See {@link Single}: gradient {@code -1}, {@code 1 / (2√x)}, {@code 1 / x}, not finite at 0.
   * Source: {@code torch.neg}, {@code sqrt}, {@code log}.
   */
  record PointwiseSingle(Single f) implements Function {
    @Override
    public String op() {
      return "unary";
    }

    @Override
    public void forward(Tape tape, Tensor x, Tensor y) {
      tape.kernels().pointwise().unary(f, x, y);
    }

    @Override
    public void backward(Tape tape, Tensor x, Tensor y, Tensor dy, Tensor dx) {
      tape.kernels().pointwise().unaryBackward(f, x, y, dy, dx);
    }

    @Override
    public Operator traced() {
      return new dev.nagare.graph.op.Unary(dev.nagare.graph.op.Unary.Function.valueOf(f.name()));
    }
  }

  /**
   * An operand times a gate that it opens itself: see {@link Activations.Function}. Source:
   * Hendrycks and Gimpel (2016), Elfwing et al. (2018), Howard et al. (2019); {@code
   * torch.nn.functional.gelu}, {@code silu}, {@code hardswish}.
   */
  record SelfGated(Activations.Function f) implements Function {
    @Override
    public String op() {
      return f.op();
    }

    @Override
    public void forward(Tape tape, Tensor x, Tensor y) {
      tape.kernels().activations().forward(f, x, y);
    }

    @Override
    public void backward(Tape tape, Tensor x, Tensor y, Tensor dy, Tensor dx) {
      tape.kernels().activations().backward(f, x, dy, dx);
    }

    @Override
    public Operator traced() {
      return new dev.nagare.graph.op.Unary(dev.nagare.graph.op.Unary.Function.valueOf(f.name()));
    }
  }

  /**
   * {@code x > 0 ? x : slope · x}; the gradient at 0 is the slope. Source: Maas et al. (2013);
   * {@code torch.nn.functional.leaky_relu}.
   */
  record LeakyRelu(double slope) implements Function {
    @Override
    public String op() {
      return "leaky_relu";
    }

    @Override
    public void forward(Tape tape, Tensor x, Tensor y) {
      tape.kernels().activations().leakyRelu(slope, x, y);
    }

    @Override
    public void backward(Tape tape, Tensor x, Tensor y, Tensor dy, Tensor dx) {
      tape.kernels().activations().leakyReluBackward(slope, x, dy, dx);
    }

    @Override
    public Operator traced() {
      return new dev.nagare.graph.op.LeakyRelu(slope);
    }
  }

  /**
   * {@code min(max(x, low), high)}; what is not a number stays so; the gradient goes to elements
   * within the limits, these included. Source: {@code torch.clamp}.
   */
  record Clamp(double low, double high) implements Function {
    @Override
    public String op() {
      return "clamp";
    }

    @Override
    public void forward(Tape tape, Tensor x, Tensor y) {
      tape.kernels().pointwise().clamp(low, high, x, y);
    }

    @Override
    public void backward(Tape tape, Tensor x, Tensor y, Tensor dy, Tensor dx) {
      tape.kernels().pointwise().clampBackward(low, high, x, dy, dx);
    }

    @Override
    public Operator traced() {
      return new Clip(low, high);
    }
  }

  private EachElement(
      Function function, Variable x, int @Nullable [] order, Tensor in, Tensor out) {
    super(function.op(), x);
    this.function = function;
    this.order = order;
    this.in = in;
    this.out = out;
  }

  static Variable apply(Function function, Variable x) {
    Tape tape = Tape.of(function.op(), x);
    int[] order = MemoryOrder.of(x.value());
    Tensor in = MemoryOrder.seen(tape, x.value(), order);
    Tensor out = tape.scope().empty(in.dtype(), in.shape());
    function.forward(tape, in, out);
    var node = new EachElement(function, x, order, in, out);
    return tape.record(node, MemoryOrder.restored(out, order));
  }

  @Override
  protected Value trace(Tracing into) {
    Value x = into.value(input(0));
    Operator operator = function.traced();
    return operator instanceof Binary ? into.add(operator, x, x) : into.add(operator, x);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dy = MemoryOrder.seen(tape, gradient, order);
    MemoryOrder.add(tape, input(0), order, dx -> function.backward(tape, in, out, dy, dx));
  }
}
