package dev.nagare.graph.plan;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The plans of one version of a model, one for each {@link Buckets bucket} of rows that is in
 * demand.
 *
 * <p>The plan for some number of rows is there from the start. A bucket that is asked for and not
 * there is compiled by the background, run once and opened for every lane; until then the next
 * larger one serves. Where none is larger, who asks compiles it. A row alone has a plan of its own
 * if that gives it {@linkplain LoneRow the same bits}. There are at most so many plans as were
 * allowed: a new one takes the place of the one that was asked for least, if itself was asked for
 * clearly more often since the last change, or nothing else serves. Rows beyond those that the
 * caller filled hold what was there before; no row depends on another.
 *
 * <p>A lane that has to wait for a plan comes before whatever the background has yet to compile.
 *
 * <p>Versions of the model whose graphs differ in their weights alone share plans and the frames of
 * lanes: see {@link #like}. {@link #lane} gives each lane what it needs; everything else is for any
 * thread.
 */
public final class Plans implements AutoCloseable {
  private final PlanFamily family;
  private final Graph graph;
  private final Map<String, Tensor> weights = new TreeMap<>();
  private final long number;
  private int lanes; // guarded by the family's lock, as the next
  private boolean closed;

  /**
   * Compiles the first plan.
   *
   * @param graph as passes left it; its constants must stay alive until the last lane is closed
   * @param dim name of the size that counts rows
   * @param first rows of the plan that is there from the start and stays
   * @param most rows at once, as many or more
   * @param others numbers of the other sizes
   * @param kernels what computes
   * @param options how
   * @param background compiles what is missing, off the lanes
   * @param capacity most plans at once, at least 1, and 2 if more rows than the first may come
   */
  public Plans(
      Graph graph,
      String dim,
      long first,
      long most,
      Map<String, Long> others,
      Kernels kernels,
      PlanOptions options,
      Executor background,
      int capacity) {
    this(
        new PlanFamily(graph, dim, first, most, others, kernels, options, background, capacity),
        graph);
  }

  private Plans(PlanFamily family, Graph graph) {
    this(family, family.own(graph), 0);
    family.begin(this);
  }

  /** A version of a family, which lets it in. */
  Plans(PlanFamily family, Graph graph, long number) {
    this.family = family;
    this.graph = graph;
    this.number = number;
    for (Value value : graph.constants()) {
      Tensor tensor = value.constant();
      if (tensor != null && tensor.dtype().isFloating()) {
        weights.put(value.name(), tensor);
      }
    }
  }

  /**
   * The plans of another version of the model, if its graph differs from this one's in the elements
   * of parameters alone: no plan is compiled for them then, and no frame opened. Packs its weights.
   * Both are of equal rank from then on, and closed in any order.
   *
   * @param other as passes left it; its constants must stay alive until the last of its lanes is
   *     closed
   * @return null if it differs in more, or these plans have ended
   */
  public @Nullable Plans like(Graph other) {
    return family.join(other);
  }

  /** Of the version, for its weights. */
  long number() {
    return number;
  }

  Graph graph() {
    return graph;
  }

  /** All constants that are floats, by name. */
  Map<String, Tensor> weights() {
    return weights;
  }

  /** What a new lane needs; to be called before it has work to do. */
  public PlanLane lane() {
    family.locked(
        () -> {
          if (closed) {
            throw family.closed();
          }
          family.open(lanes + 1);
          lanes++;
        });
    return new PlanLane(this, family);
  }

  void remove(PlanLane lane) {
    family.locked(
        () -> {
          lanes--;
          leaveIfUnused();
        });
  }

  private void leaveIfUnused() {
    if (closed && lanes == 0) {
      family.leave(this);
    }
  }

  /** Compiles the plan for so many rows, if it has a place; better before there are lanes. */
  public void prepare(long rows) {
    family.prepare(rows);
  }

  /**
   * {@link #prepare Prepares} the plan for so few rows and runs it on zeros until the JVM has
   * compiled the kernels, unless it has run for another version. To be called before there are
   * lanes, which run larger plans: what an interpreter does to a kernel is bearable for few rows
   * only.
   */
  public void warmUp(long rows) {
    if (!isShared()) {
      family.warmUp(rows);
    }
  }

  /** Whether these are the same plans as those of another version. */
  public boolean sharesWith(Plans other) {
    return family == other.family;
  }

  /** Whether other versions have the same plans now. */
  public boolean isShared() {
    return family.isShared();
  }

  /** The buckets for which there are plans. */
  public List<Long> buckets() {
    return family.buckets();
  }

  /** The plan that was there from the start, for what is the same in all. */
  public Plan first() {
    return family.first();
  }

  /** Ends the version with its last lane, and the plans with the last version. */
  @Override
  public void close() {
    family.locked(
        () -> {
          if (!closed) {
            closed = true;
            leaveIfUnused();
          }
        });
  }
}
