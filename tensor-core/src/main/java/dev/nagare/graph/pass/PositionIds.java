package dev.nagare.graph.pass;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Cast;
import dev.nagare.graph.op.Expand;
import dev.nagare.graph.op.Range;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Slice;
import dev.nagare.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the places 0, 1, 2, .. of the elements of a sequence, and what is looked up by them.
 */
final class PositionIds {
  private final Dim seq;

  PositionIds(Dim seq) {
    this.seq = seq;
  }

  /** Whether a value is {@code [.., seq]} and counts from 0 along the last axis. */
  boolean isPositions(Value value) {
    List<Dim> shape = value.fact().shape();
    if (shape.isEmpty() || !shape.getLast().equals(seq) || value.fact().dtype().isFloating()) {
      return false;
    }
    Node node = value.producer();
    if (node == null) {
      return false;
    }
    return switch (node.operator()) {
      case Range range -> range.start().is(0) && range.delta().is(1);
      case Cast _, Expand _, Reshape _ -> isPositions(node.input(0));
      case Slice slice ->
          isFromStart(slice, shape.size() - 1, shape.size()) && counts(node.input(0));
      default -> false;
    };
  }

  private static boolean isFromStart(Slice slice, int axis, int rank) {
    return slice.axes().size() == 1
        && Math.floorMod(slice.axes().getFirst(), rank) == axis
        && slice.starts().getFirst().is(0)
        && slice.steps().getFirst() == 1;
  }

  private static boolean counts(Value value) {
    Tensor constant = value.constant();
    if (constant == null || constant.shape().rank() == 0) {
      return false;
    }
    long size = constant.dim(-1);
    if (constant.elements() != size) {
      return false;
    }
    for (long i = 0; i < size; i++) {
      if (constant.getLong(i) != i) {
        return false;
      }
    }
    return true;
  }

  /**
   * The constant {@code [most, E]} or {@code [1, most, E]} of which a value is the first seq rows.
   */
  @Nullable Value table(Value value) {
    Node node = value.producer();
    int rank = value.fact().rank();
    boolean rows =
        (rank == 2 || (rank == 3 && value.fact().dim(0).is(1)))
            && value.fact().dim(-2).equals(seq)
            && value.fact().dim(-1).isKnown();
    return rows
            && node != null
            && node.operator() instanceof Slice slice
            && isFromStart(slice, rank - 2, rank)
            && node.input(0).isConstant()
        ? node.input(0)
        : null;
  }
}
