package dev.nagare.graph.plan;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Where a value lies: in the arena of a frame, among the weights of a version, or as a constant of
 * the plan.
 *
 * <p>One value can have several: in another order of axes, in another dtype. A view of another slot
 * shares its memory.
 */
final class Slot {
  final String name;
  final DType dtype;
  final Shape shape;
  final boolean channelsLast;
  final @Nullable Slot viewed;

  /** Where in the viewed one it begins, in bytes. */
  final long from;

  final @Nullable Tensor constant;

  /** Which of the plan's parameters it is; -1 for none. */
  final int parameter;

  /** The first and the last step during which the memory is needed; of roots only. */
  int first = Integer.MAX_VALUE;

  int last = -1;

  /** Where it begins in the arena, in bytes; of roots only. */
  long offset;

  /** Whether it lies among the inputs, which are a frame's own; of roots only. */
  boolean input;

  private Slot(
      String name,
      DType dtype,
      Shape shape,
      boolean channelsLast,
      @Nullable Slot viewed,
      long from,
      @Nullable Tensor constant,
      int parameter) {
    this.name = name;
    this.dtype = dtype;
    this.shape = shape;
    this.channelsLast = channelsLast;
    this.viewed = viewed;
    this.from = from;
    this.constant = constant;
    this.parameter = parameter;
  }

  /** In the arena. */
  static Slot inArena(String name, DType dtype, Shape shape, boolean channelsLast) {
    return new Slot(name, dtype, shape, channelsLast, null, 0, null, -1);
  }

  /** A constant that is the same in all versions. */
  static Slot constant(String name, Tensor tensor) {
    return new Slot(name, tensor.dtype(), tensor.shape(), false, null, 0, tensor, -1);
  }

  /** A parameter. */
  static Slot parameter(
      String name, DType dtype, Shape shape, boolean channelsLast, int parameter) {
    return new Slot(name, dtype, shape, channelsLast, null, 0, null, parameter);
  }

  /** The same elements in the same places, by another shape or seen in another order. */
  Slot view(Shape to, boolean toChannelsLast) {
    return view(to, toChannelsLast, 0);
  }

  /** The elements from so many bytes on, one after the other; of what lies in the arena. */
  Slot view(Shape to, boolean toChannelsLast, long from) {
    return new Slot(name, dtype, to, toChannelsLast, this, from, constant, parameter);
  }

  /** Where it begins in the arena, in bytes, once roots are placed. */
  long place() {
    return viewed == null ? offset : viewed.place() + from;
  }

  /** What the memory belongs to. */
  Slot root() {
    Slot root = this;
    while (root.viewed != null) {
      root = root.viewed;
    }
    return root;
  }

  /** Whether it is in the arena. */
  boolean isInArena() {
    return constant == null && parameter < 0;
  }

  /** Whether another version may have other elements here. */
  boolean isParameter() {
    return parameter >= 0;
  }

  long bytes() {
    return shape.elements() * dtype.bytes();
  }

  /** The shape in which the elements lie one after the other. */
  Shape memoryShape() {
    return channelsLast ? Orders.channelsLast(shape) : shape;
  }

  /** Whether it must be kept during a step. */
  void need(int step) {
    Slot root = root();
    root.first = Math.min(root.first, step);
    root.last = Math.max(root.last, step);
  }

  @Override
  public String toString() {
    return name + ": " + dtype + " " + shape + (channelsLast ? " channels last" : "");
  }
}
