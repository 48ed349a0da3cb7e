package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/**
 * One operation of fixed shapes, ready to be given weights and lanes. Safe for any number of
 * threads: what a run needs for itself lies in its {@link Call}.
 */
public interface PreparedKernel extends AutoCloseable {

  /** Name of what answers, such as {@code brg_matmul:avx512_core}. */
  String implementation();

  /** Bytes of the weight as this kernel wants it; 0 if the operation has none. */
  long packedBytes();

  /**
   * Brings a weight into the order, and the dtype, in which this kernel wants it.
   *
   * @param weight as the operation's specification says
   * @param packed U8 {@code [packedBytes]}, receives it
   */
  void pack(Tensor weight, Tensor packed);

  /** Bytes that a run needs beside its arguments. */
  long scratchBytes();

  /**
   * Bytes that a lane comes to hold besides when it meets a sequence of so many tokens, at most;
   * kernels that differ in nothing but how many tokens run at once have them together. 0 if there
   * are no sequences, or scratch is all it takes.
   */
  default long sequenceBytes(long tokens) {
    return 0;
  }

  /**
   * What one lane needs to run this kernel; made once, not per run.
   *
   * @param scratch U8, at least {@link #scratchBytes} at an address that 64 divides; its content
   *     need not last from one run to the next, so all calls of a lane may have the same
   */
  Call call(Tensor scratch);

  /** The same with scratch of its own from this memory. */
  default Call call(Memory memory) {
    return call(memory.empty(DType.U8, Shape.of(Math.max(1, scratchBytes()))));
  }

  /**
   * Frees what the library holds; every {@link Call} must have ended. A second time does nothing.
   */
  @Override
  void close();

  /**
   * An argument set of one lane; for one thread at a time. Allocates nothing per run. Arguments
   * stay what they are until they are said anew, and must be alive whenever it runs. The weight,
   * the bias, scratch and operands of which only some elements are used may be shared with other
   * lanes.
   */
  interface Call extends AutoCloseable {

    /** Says where the first input is. */
    default Call input(Tensor x) {
      return input(0, x);
    }

    /** Says where an input is, in the order that {@link PreparedKernels} gives. */
    Call input(int index, Tensor x);

    /** Says where the packed weight is. */
    Call weight(Tensor packed);

    /** Says where the bias is: F32 {@code [N]}. */
    Call bias(Tensor bias);

    /** Says where the operand of a post-op is, counted from 0 in the list of all post-ops. */
    Call operand(int postOp, Tensor operand);

    /** Says where the result goes. It overlaps no input unless the specification allows it. */
    Call output(Tensor y);

    /** Computes. */
    void run();

    /** A second time does nothing. */
    @Override
    void close();
  }
}
