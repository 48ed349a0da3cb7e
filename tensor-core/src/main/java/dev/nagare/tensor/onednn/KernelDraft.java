package dev.nagare.tensor.onednn;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kernel while it is being made; destroys whatever was only needed for that. */
final class KernelDraft implements AutoCloseable {
  private final List<OneDnnArgument> arguments = new ArrayList<>();
  private final List<Long> descriptors = new ArrayList<>();
  private final List<Primitive> primitives = new ArrayList<>();
  private @Nullable PostOpChain chain;
  private long attributes;

  /** A descriptor that the draft destroys. */
  long own(long descriptor) {
    descriptors.add(descriptor);
    return descriptor;
  }

  /** An argument, whose layout the draft owns; answers the layout. */
  long argument(OneDnnArgument argument) {
    arguments.add(argument);
    return own(argument.layout());
  }

  /** Attributes with post-ops; answers the attributes. */
  long postOps(
      List<PostOp> post,
      List<Operand> operands,
      List<PostOpStep> steps,
      int done,
      PostOpChain.Layouts layouts) {
    chain = new PostOpChain(post, operands, steps, done, layouts);
    return chain.attributes;
  }

  /** Attributes without post-ops. */
  long attributes() {
    attributes = OneDnn.attributes(false);
    return attributes;
  }

  /**
   * A primitive that the draft destroys unless the kernel is {@link #complete}.
   *
   * @param descriptor is destroyed
   */
  Primitive primitive(long descriptor, int[] kinds, long... layouts) {
    try {
      var primitive = new Primitive(descriptor, kinds, layouts);
      primitives.add(primitive);
      return primitive;
    } finally {
      OneDnn.destroyPrimitiveDescriptor(descriptor);
    }
  }

  /** The primitives belong to a kernel from now on. */
  void complete() {
    primitives.clear();
  }

  /** The kernel whose primitive has this descriptor, which is destroyed. */
  OneDnnPreparedKernel kernel(
      Arguments expected, long descriptor, @Nullable Packing packing, boolean loneRow) {
    if (chain != null) {
      arguments.addAll(chain.arguments());
    }
    int[] kinds = arguments.stream().mapToInt(OneDnnArgument::kind).toArray();
    long[] layouts = arguments.stream().mapToLong(OneDnnArgument::layout).toArray();
    Primitive primitive;
    try {
      primitive = new Primitive(descriptor, kinds, layouts);
    } finally {
      OneDnn.destroyPrimitiveDescriptor(descriptor);
    }
    return new OneDnnPreparedKernel(expected, arguments, primitive, packing, loneRow);
  }

  @Override
  public void close() {
    primitives.forEach(Primitive::destroy);
    for (long descriptor : descriptors) {
      OneDnn.destroyDescriptor(descriptor);
    }
    if (chain != null) {
      chain.destroy();
    }
    if (attributes != 0) {
      OneDnn.destroyAttributes(attributes);
    }
  }
}
