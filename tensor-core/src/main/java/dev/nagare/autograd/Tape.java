package dev.nagare.autograd;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Normalization;
import dev.nagare.tensor.kernel.Parts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one training step has computed, in order, with the kernels and the scope it computes in.
 *
 * <pre>{@code
 * Variable loss = mse.forward(head.forward(lstm.forward(tape.constant(x)).lastHidden()), target);
 * loss.backward();            // gradients of the parameters; frees the records
 * adam.step(rate, 1);
 * tape.reset();               // ends the step: intermediate values become invalid
 * }</pre>
 *
 * <p>Values and gradients in between live in the scope; gradients of parameters live as long as the
 * parameters. One tape serves any number of steps, one at a time. Not thread-safe. Counterpart:
 * PyTorch's autograd graph, with the allocator made visible.
 */
public final class Tape {
  private final Kernels kernels;
  private final Scope scope;
  private final Parts parts;
  private final Normalization normalization;
  private final List<Node> nodes = new ArrayList<>();
  private long round;
  private int suspended;
  private @Nullable List<Trace.Step> trace;

  /** Creates an empty tape; the caller keeps both and closes the scope. */
  public Tape(Kernels kernels, Scope scope) {
    this(kernels, scope, Parts.ONE);
  }

  /** Creates an empty tape whose operators share their work out where that pays. */
  public Tape(Kernels kernels, Scope scope, Parts parts) {
    this.kernels = kernels;
    this.scope = scope;
    this.parts = parts;
    this.normalization = kernels.normalization().in(parts);
  }

  Parts parts() {
    return parts;
  }

  /** Normalisation of channels, in this tape's parts. */
  Normalization normalization() {
    return normalization;
  }

  /** What this tape computes with. */
  public Kernels kernels() {
    return kernels;
  }

  /** Where results of operators go. */
  public Scope scope() {
    return scope;
  }

  /** A value that needs no gradient: an input, a label, a carried state. */
  public Variable constant(Tensor value) {
    return new Variable(this, value, null, false);
  }

  /** A value whose {@link Variable#gradient()} is wanted, in this step only. */
  public Variable leaf(Tensor value) {
    return new Variable(this, value, scope.zeros(value.dtype(), value.shape()), true);
  }

  /** A parameter as an operand on this tape, for operators that have no other; same gradient. */
  public Variable watch(Variable parameter) {
    return parameter.requiresGradient()
        ? new Variable(this, parameter.value(), parameter.gradient(), true)
        : constant(parameter.value());
  }

  /** Until it is closed, nothing is recorded and no result requires a gradient. */
  public NoGrad noGrad() {
    suspended++;
    return new NoGrad(this);
  }

  /** Ends the step: forgets the records and resets the scope. */
  public void reset() {
    free();
    scope.reset();
  }

  /** The tape that operands are on. */
  public static Tape of(String op, Variable a) {
    Tape tape = a.tape();
    if (tape == null) {
      throw TensorException.mismatch(
          op + ": no operand is on a tape; pass the input through Tape.constant or Tape.watch");
    }
    return tape;
  }

  /** The tape that operands are on; a parameter is on none and fits any. */
  public static Tape of(String op, Variable a, Variable b) {
    Tape tape = a.tape() == null ? of(op, b) : of(op, a);
    if (b.tape() != null && b.tape() != tape) {
      throw TensorException.mismatch(op + ": operands are on different tapes");
    }
    return tape;
  }

  /**
   * Makes the result of an operator that has a backward.
   *
   * @throws TensorException kind MISMATCH for BF16 if an input requires a gradient
   */
  public Variable record(Node node, Tensor value) {
    if (trace != null) {
      trace.add(new Trace.Step(node, value));
    }
    boolean requires = false;
    for (Variable input : node.inputs) {
      requires |= input.requiresGradient();
      requireAlive(node.op, input);
    }
    if (!requires || suspended > 0) {
      return constant(value);
    }
    if (value.dtype() == DType.BF16) {
      throw TensorException.mismatch(
          node.op
              + ": BF16 is for inference and has no backward; work under noGrad(), or convert"
              + " parameters and inputs with to(DType.F32, memory)");
    }
    Variable output = new Variable(this, value, node);
    node.output = output;
    node.round = round;
    nodes.add(node);
    return output;
  }

  /**
   * Makes the result of an operator that has no backward.
   *
   * @throws TensorException kind MISMATCH if an input requires a gradient: the graph would be cut
   */
  public Variable recordWithoutBackward(String op, Tensor value, Variable... inputs) {
    if (trace != null) {
      throw TensorException.mismatch(op + ": cannot be traced");
    }
    for (Variable input : inputs) {
      if (input.requiresGradient() && suspended == 0) {
        throw TensorException.mismatch(
            op
                + ": has no backward, but an input requires a gradient;"
                + " detach() the input or work under noGrad()");
      }
    }
    return constant(value);
  }

  /** From now on every operator is added to these steps. */
  void trace(List<Trace.Step> steps) {
    trace = steps;
  }

  void backward(Variable loss) {
    Node last = loss.node();
    if (last == null) {
      throw new IllegalStateException(
          "backward: the loss does not depend on anything that requires a gradient");
    }
    requireAlive("backward", loss);
    if (loss.value().elements() != 1) {
      throw TensorException.mismatch(
          "backward: expected one element, got " + loss.value() + "; reduce with sum() or mean()");
    }
    loss.accumulator(this).set(0, 1);
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      Tensor gradient = node.output == null ? null : node.output.gradientOrNull();
      if (gradient != null) {
        node.backward(this, gradient);
      }
    }
    free();
  }

  void resume() {
    suspended--;
  }

  private void requireAlive(String op, Variable variable) {
    Node node = variable.node();
    if (node != null && node.round != round) {
      throw new IllegalStateException(
          op
              + ": the graph behind "
              + variable
              + " was freed by an earlier backward or reset; run the forward again, or detach()"
              + " what is carried from step to step");
    }
  }

  private void free() {
    nodes.clear();
    round++;
  }
}
