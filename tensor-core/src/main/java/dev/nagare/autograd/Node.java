package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/**
 * One application of a differentiable operator.
 *
 * <p>A subclass keeps what its backward needs and has a static {@code apply} that checks shapes,
 * computes the value into the tape's scope and calls {@link Tape#record}. An operator that cannot
 * be differentiated has no node; it calls {@link Tape#recordWithoutBackward}.
 */
public abstract class Node {
  final String op;
  final Variable[] inputs;
  @Nullable Variable output;
  long round;

  /**
   * Creates the record of an application.
   *
   * @param op name in errors
   * @param inputs every operand that a gradient could flow to
   */
  protected Node(String op, Variable... inputs) {
    this.op = op;
    this.inputs = inputs;
  }

  /** An operand, in the order of the constructor. */
  protected final Variable input(int index) {
    return inputs[index];
  }

  /**
   * Adds to the {@link #gradientOf gradient} of each input that requires one.
   *
   * @param gradient of the result; complete, and free to be overwritten; row-major, unless the
   *     result itself lies otherwise: then it may lie as that does
   */
  protected abstract void backward(Tape tape, Tensor gradient);

  /**
   * Adds this operator to a graph and answers the value of its result; see {@link Trace}.
   *
   * @throws TensorException kind MISMATCH if it has no counterpart there
   */
  protected Value trace(Tracing into) {
    throw untraceable();
  }

  /** What {@link #trace} throws. */
  protected final TensorException untraceable() {
    return TensorException.mismatch(
        op + ": cannot be traced with these arguments; in training no dropout or batchNorm can");
  }

  /** The tensor that gradients of an input are added to, row-major; zeros at first. */
  protected static Tensor gradientOf(Tape tape, Variable input) {
    return input.accumulator(tape);
  }

  /** The gradient of an operand, or a place for one that is not wanted. */
  static Tensor gradientOrPlace(Tape tape, Variable input) {
    return input.requiresGradient()
        ? gradientOf(tape, input)
        : tape.scope().zeros(input.value().dtype(), input.shape());
  }
}
