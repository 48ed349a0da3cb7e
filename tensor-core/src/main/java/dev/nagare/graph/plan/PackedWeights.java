package dev.nagare.graph.plan;

import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one version of a model, as the kernels of a plan want them. Immutable.
 *
 * <p>Counted: whoever packed them has one lease, a {@link Frame} that uses them another; with the
 * last one the memory goes back. What did not change from one version to the next is shared by
 * both. Safe for any thread that holds a lease.
 */
public final class PackedWeights implements AutoCloseable {
  private final Plan plan;
  private final long version;
  private final List<Packed> parameters;
  private final Map<Plan, PackedWeights> nested;
  private final Map<String, Packed> byForm = new HashMap<>();
  private final AtomicInteger leases = new AtomicInteger(1);
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * One parameter in one form.
   *
   * @param form of which it is the only one
   * @param source what it was made of, for comparison as long as that is there
   * @param tensor the bytes
   * @param memory that holds them; null if they are where the graph has them
   * @param fresh whether it was packed for this version
   */
  record Packed(
      String form, Tensor source, Tensor tensor, @Nullable PooledMemory memory, boolean fresh) {
    /** Whether it would be the same if it were made of another tensor. */
    boolean isMadeOf(Tensor weight) {
      return source.isValid() && (source == weight || Likeness.sameBits(source, weight));
    }

    /** The same for the next version, which has it of a tensor of its own; null if it ended. */
    @Nullable Packed share(Tensor weight) {
      return memory == null || memory.retain()
          ? new Packed(form, weight, tensor, memory, false)
          : null;
    }
  }

  PackedWeights(Plan plan, long version, List<Packed> parameters, Map<Plan, PackedWeights> nested) {
    this.plan = plan;
    this.version = version;
    this.parameters = parameters;
    this.nested = nested;
    parameters.forEach(packed -> byForm.put(packed.form(), packed));
  }

  /** Where a parameter lies. */
  Tensor bytesOf(Slot slot) {
    Tensor tensor = parameters.get(slot.parameter).tensor();
    return tensor.dtype() == slot.dtype
        ? tensor.reshape(slot.memoryShape().toArray())
        : tensor.part(0, slot.dtype, slot.memoryShape());
  }

  /** Those of a plan that a step of this one's runs. */
  PackedWeights of(Plan inner) {
    return Objects.requireNonNull(nested.get(inner));
  }

  @Nullable Packed find(String form) {
    return byForm.get(form);
  }

  /** Number of the version, as whoever packed them called it. */
  public long version() {
    return version;
  }

  boolean isOf(Plan other) {
    return plan == other;
  }

  /** How many parameters were packed or copied for this version; the others are shared. */
  public int packedParameters() {
    return (int) parameters.stream().filter(Packed::fresh).count();
  }

  /** Bytes of this version, those that it shares with others included. */
  public long bytes() {
    return parameters.stream()
        .filter(packed -> packed.memory() != null)
        .mapToLong(packed -> packed.tensor().elements() * packed.tensor().dtype().bytes())
        .sum();
  }

  /** Takes a lease; false if the last one was given back, in which case hands off. */
  boolean retain() {
    for (int n = leases.get(); n > 0; n = leases.get()) {
      if (leases.compareAndSet(n, n + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Gives a lease back. */
  void release() {
    int left = leases.decrementAndGet();
    if (left < 0) {
      throw new TensorException(
          TensorException.Kind.CLOSED, "packed weights: released more often than retained");
    }
    if (left == 0) {
      nested.values().forEach(PackedWeights::close);
      for (Packed packed : parameters) {
        PooledMemory memory = packed.memory();
        if (memory != null) {
          memory.release();
        }
      }
    }
  }

  /** Gives the lease of whoever packed them back. A second call does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }
}
