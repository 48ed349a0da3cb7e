package dev.nagare.graph;

import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a node computes: a record whose components are its attributes, one file each.
 *
 * <p>An operator knows its shape rule and how to run on tensors of fixed shapes. Two operators are
 * equal if they compute the same. Immutable.
 */
public interface Operator {

  /** Name in drawings and errors, such as {@code conv2d}. */
  default String name() {
    String simple = getClass().getSimpleName();
    return simple.substring(0, 1).toLowerCase(Locale.ROOT) + simple.substring(1);
  }

  /**
   * The shape rule, over expressions: what is known of the outputs.
   *
   * @param inputs what is known of the inputs; null where an optional one is absent
   * @throws dev.nagare.tensor.TensorException kind MISMATCH if they do not fit, with every shape
   */
  List<Fact> infer(List<@Nullable Fact> inputs);

  /** The operator with names of sizes replaced by numbers, where attributes hold any. */
  default Operator bind(Map<String, Long> names) {
    return this;
  }

  /** In which order of its axes it reads and writes images. */
  default Order order() {
    return Order.ROW_MAJOR;
  }

  /**
   * Prepares a run on these tensors: views, checks and whatever else need not be done at each run
   * are done here, so that {@link Step#run} allocates nothing.
   *
   * @param kernels what computes
   * @param inputs of the shapes that {@link #infer} was given, null where absent; laid out as
   *     {@link #order} says
   * @param outputs to be written, of the shapes that it answered; they overlap no input
   * @param scratch memory whose content need not last from one run of the step to the next
   */
  Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch);

  /** In which order the elements of images lie. Values of other ranks are always contiguous. */
  enum Order {
    /** All inputs and outputs are contiguous. */
    ROW_MAJOR,
    /**
     * Inputs of rank 4 (rank 3) lie channels last, and so do outputs: their tensors are permuted
     * views {@code [N, C, H, W]} of contiguous {@code [N, H, W, C]}.
     */
    CHANNELS_LAST,
    /**
     * Element by element: inputs of the output's shape lie in one order, and the outputs lie in it
     * too; others are contiguous and broadcast.
     */
    SAME,
    /** Each input and each output lies in whichever order it likes. */
    ANY
  }

  /** Something that is ready to run, again and again, by one thread at a time. */
  @FunctionalInterface
  interface Step {
    /** Computes the outputs from what the inputs hold now. */
    void run();
  }
}
