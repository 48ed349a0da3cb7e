package dev.nagare.graph.plan;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import java.util.ArrayList;
import java.util.List;

/**
 * What a prepared kernel gets in one of its places.
 *
 * @param place which
 * @param index of the input, or of the post-op whose operand it is
 * @param slot where it lies
 * @param shape in which the kernel wants to see the elements as they lie
 * @param cuts which part of that shape it sees
 */
record Argument(Place place, int index, Slot slot, Shape shape, List<Cut> cuts) {
  /** The places of a kernel. */
  enum Place {
    INPUT,
    WEIGHT,
    BIAS,
    OPERAND,
    OUTPUT
  }

  /** Some positions of an axis. */
  record Cut(int axis, long from, long count) {}

  static Argument input(int index, Slot slot, long... dims) {
    return new Argument(Place.INPUT, index, slot, Shape.of(dims), List.of());
  }

  static Argument weight(Slot slot) {
    return new Argument(Place.WEIGHT, 0, slot, slot.shape, List.of());
  }

  static Argument bias(Slot slot, long n) {
    return new Argument(Place.BIAS, 0, slot, Shape.of(n), List.of());
  }

  static Argument operand(int postOp, Slot slot, long... dims) {
    return new Argument(Place.OPERAND, postOp, slot, Shape.of(dims), List.of());
  }

  static Argument output(Slot slot, long... dims) {
    return new Argument(Place.OUTPUT, 0, slot, Shape.of(dims), List.of());
  }

  /** The same, of which the kernel sees only these positions of an axis. */
  Argument cut(int axis, long from, long count) {
    var more = new ArrayList<>(cuts);
    more.add(new Cut(axis, from, count));
    return new Argument(place, index, slot, shape, List.copyOf(more));
  }

  boolean isOutput() {
    return place == Place.OUTPUT;
  }

  /** Tells a kernel where it is. */
  void give(PreparedKernel.Call call, Tensor bytes) {
    Tensor seen = place == Place.WEIGHT ? bytes : bytes.reshape(shape.toArray());
    for (Cut cut : cuts) {
      seen = seen.narrow(cut.axis(), cut.from(), cut.count());
    }
    switch (place) {
      case INPUT -> call.input(index, seen);
      case WEIGHT -> call.weight(seen);
      case BIAS -> call.bias(seen);
      case OPERAND -> call.operand(index, seen);
      case OUTPUT -> call.output(seen);
    }
  }
}
