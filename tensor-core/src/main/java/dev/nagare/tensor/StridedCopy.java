package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A copy of elements between views of one dtype and shape, whatever their strides; ready to run
 * again and again without allocating.
 *
 * <p>Axes are walked in the order in which the target lies. Axes that lie one after the other in
 * both views are walked as one, so that two dense views whose axes have the same order are one copy
 * of bytes. Where the source lies across the target, as in a transpose, both are walked in square
 * tiles, so that neither jumps over a cache line for each element.
 */
public final class StridedCopy {
  private static final ThreadLocal<StridedWalk> ONCE = ThreadLocal.withInitial(StridedWalk::new);

  private final Tensor source;
  private final Tensor target;
  private final StridedWalk walk;

  private StridedCopy(Tensor source, Tensor target, StridedWalk walk) {
    this.source = source;
    this.target = target;
    this.walk = walk;
  }

  /**
   * A copy of all elements of {@code source} to the same positions of {@code target}.
   *
   * @throws TensorException kind MISMATCH if dtypes or shapes differ, if positions of the target
   *     are one element, if it belongs to a mapped file, or if both share memory
   */
  public static StridedCopy between(Tensor source, Tensor target) {
    if (!source.shape().equals(target.shape())) {
      throw TensorException.mismatch("copy: expected " + target + ", got " + source);
    }
    return between(source, 0, source.strides(), target);
  }

  /**
   * A copy to all elements of {@code target} from where these strides lead in a contiguous tensor;
   * they may be negative, which no view's are, and 0.
   *
   * @param first where the first element is, counted in the source's elements
   * @throws TensorException as above, and if they lead out of the source
   */
  public static StridedCopy between(Tensor source, long first, long[] strides, Tensor target) {
    if (source.dtype() != target.dtype() || strides.length != target.shape().rank()) {
      throw TensorException.mismatch("copy: expected " + target + ", got " + source);
    }
    long lowest = first;
    long highest = first;
    for (int axis = 0; axis < strides.length; axis++) {
      long span = (target.dim(axis) - 1) * strides[axis];
      lowest += Math.min(span, 0);
      highest += Math.max(span, 0);
    }
    long bytes = source.dtype().bytes();
    boolean empty = target.elements() == 0;
    if (!empty && (lowest < 0 || highest >= source.base().byteSize() / bytes)) {
      throw TensorException.mismatch(
          "copy: elements " + lowest + " to " + highest + " of " + source);
    }
    if (!empty && (target.isReadOnly() || Strides.repeats(target.shape(), target.strides()))) {
      throw TensorException.mismatch("copy: " + target + " cannot be written");
    }
    if (!empty && overlap(source, target)) {
      throw TensorException.mismatch("copy: " + target + " shares memory with " + source);
    }
    var walk = new StridedWalk();
    walk.set(first, strides, target);
    return new StridedCopy(source, target, walk);
  }

  private static boolean overlap(Tensor source, Tensor target) {
    MemorySegment read = source.base();
    MemorySegment write = target.base();
    return read.address() < write.address() + write.byteSize()
        && write.address() < read.address() + read.byteSize();
  }

  /** Copies all elements of {@code source}, which may share memory, into {@code target}. */
  static void run(Tensor source, Tensor target) {
    if (target.elements() == 0) {
      return;
    }
    if (!overlap(source, target)) {
      once(source, target);
      return;
    }
    // They may share elements: none is to be overwritten before it was read.
    try (Scope held = new Scope(source.elements() * source.dtype().bytes())) {
      Tensor copy = held.empty(source.dtype(), source.shape());
      once(source, copy);
      once(copy, target);
    }
  }

  private static void once(Tensor source, Tensor target) {
    StridedWalk walk = ONCE.get();
    walk.set(source, target);
    walk.run(source.base(), target.base());
  }

  /**
   * Copies what the source holds now.
   *
   * @throws TensorException kind CLOSED if the memory of one of them was reset or given back
   */
  public void run() {
    MemorySegment read = source.base();
    MemorySegment write = target.base();
    if (target.elements() == 0) {
      return;
    }
    walk.run(read, write);
  }
}
