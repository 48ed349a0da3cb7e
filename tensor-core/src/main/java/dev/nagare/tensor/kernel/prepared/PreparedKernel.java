package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;

/**
 * One operation of fixed shapes, ready to be given weights and lanes. Safe for any number of
 * threads: what a run needs for itself lies in its {@link Call}.
 */
public interface PreparedKernel extends AutoCloseable {

  /** Name of what answers, such as {@code brg_matmul:avx512_core}. */
  String implementation();

  /** Bytes of the weight as this kernel wants it; 0 if it has none. */
  long packedBytes();

  /**
   * Brings a weight into the order, and the dtype, in which this kernel wants it.
   *
   * @param weight as the operation's specification says
   * @param packed U8 {@code [packedBytes]}, receives it
   */
  void pack(Tensor weight, Tensor packed);

  /**
   * What one lane needs to run this kernel; made once, not per run.
   *
   * @param scratch memory whose content need not last from one run to the next
   */
  Call call(Memory scratch);

  /** Frees what the library holds; every {@link Call} must have ended. */
  @Override
  void close();

  /** An argument set of one lane; for one thread at a time. Allocates nothing per run. */
  interface Call extends AutoCloseable {

    /** Says where the input is. */
    Call input(Tensor x);

    /** Says where the packed weight is. */
    Call weight(Tensor packed);

    /** Says where the bias is: F32 {@code [N]}. */
    Call bias(Tensor bias);

    /** Says where the operand of a post-op is, counted from 0 in the list of all post-ops. */
    Call operand(int postOp, Tensor operand);

    /** Says where the result goes. */
    Call output(Tensor y);

    /** Computes. */
    void run();

    @Override
    void close();
  }
}
