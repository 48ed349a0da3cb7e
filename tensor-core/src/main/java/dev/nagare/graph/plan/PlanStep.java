package dev.nagare.graph.plan;

import dev.nagare.graph.Operator;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import java.util.List;

/** One thing that a plan does: what all lanes and all versions share of it. */
interface PlanStep extends AutoCloseable {

  /** Name of the node that it comes from. */
  String name();

  /** What it computes. */
  String operation();

  /** What computes it, such as {@code brg_matmul:avx512_core}. */
  String implementation();

  /** Whether it is heavy work done by what is not made for it. */
  default boolean isSlow() {
    return implementation().startsWith("ref") || implementation().startsWith("simple");
  }

  /** What it reads. */
  List<Slot> inputs();

  /** What it writes. */
  List<Slot> outputs();

  /** Plans that it runs itself. */
  default List<Plan> nested() {
    return List.of();
  }

  /** See {@link PreparedKernel#sequenceBytes}. */
  default long sequenceBytes(long tokens) {
    return 0;
  }

  /** Into how many parts it falls, which several lanes can run at once. */
  default int parts() {
    return 1;
  }

  /** Gets a part ready for one lane; {@link Running#use} comes before the first run. */
  Running open(FrameMemory memory, int part);

  /** Frees what it holds; every {@link Running} must have ended. */
  @Override
  default void close() {}

  /** The step of one lane. */
  interface Running extends Operator.Step, AutoCloseable {
    /** From now on with these weights. */
    default void use(PackedWeights weights) {}

    @Override
    default void close() {}
  }
}
