package dev.nagare.graph.plan;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings the weights of a version into the forms that a plan wants, sharing what is the same. */
final class Packer {
  private final MemoryPool pool;
  private final Map<String, Tensor> originals;
  private final Map<String, Tensor> lasting;
  private final List<PackedWeights> relatives;

  /**
   * Creates one for one version.
   *
   * @param pool where packed weights lie
   * @param originals the constants of the graph
   * @param lasting tensors that may be used where they are, by name
   * @param relatives other versions, or the same version for other plans
   */
  Packer(
      MemoryPool pool,
      Map<String, Tensor> originals,
      Map<String, Tensor> lasting,
      List<PackedWeights> relatives) {
    this.pool = pool;
    this.originals = originals;
    this.lasting = lasting;
    this.relatives = relatives;
  }

  List<PackedWeights.Packed> pack(List<Parameter> parameters, Map<String, Tensor> weights) {
    var packed = new ArrayList<PackedWeights.Packed>();
    try {
      for (Parameter parameter : parameters) {
        packed.add(pack(parameter, weights.get(parameter.name())));
      }
    } catch (RuntimeException | Error e) {
      for (PackedWeights.Packed done : packed) {
        PooledMemory memory = done.memory();
        if (memory != null) {
          memory.release();
        }
      }
      throw e;
    }
    return packed;
  }

  private PackedWeights.Packed pack(Parameter parameter, @Nullable Tensor given) {
    Tensor original = originals.get(parameter.name());
    Tensor weight = given == null ? original : given;
    if (weight == null) {
      throw TensorException.mismatch("weights: no " + parameter.name());
    }
    if (!weight.shape().equals(parameter.shape())
        || (original != null && weight.dtype() != original.dtype())) {
      throw TensorException.mismatch(
          "weights: "
              + parameter.name()
              + " is "
              + weight
              + ", expected "
              + (original == null ? "" : original.dtype() + " ")
              + parameter.shape());
    }
    String form = parameter.name() + " " + parameter.form();
    if (weight == lasting.get(parameter.name()) && parameter.isAsItIs() && weight.isContiguous()) {
      return new PackedWeights.Packed(form, weight, weight, null, false);
    }
    for (PackedWeights relative : relatives) {
      PackedWeights.Packed same = relative.find(form);
      if (same != null && same.memory() != null && same.isMadeOf(weight)) {
        PackedWeights.Packed shared = same.share(weight);
        if (shared != null) {
          return shared;
        }
      }
    }
    return make(parameter, form, weight);
  }

  private PackedWeights.Packed make(Parameter parameter, String form, Tensor weight) {
    long bytes =
        parameter.isAsItIs() ? weight.elements() * weight.dtype().bytes() : parameter.bytes();
    PooledMemory memory = pool.openExactly(Math.max(1, bytes));
    try {
      Tensor tensor;
      if (parameter.isAsItIs()) {
        tensor = memory.copyOf(weight);
      } else {
        tensor = memory.empty(DType.U8, Shape.of(bytes));
        parameter.packer().pack(weight, tensor);
      }
      return new PackedWeights.Packed(form, weight, tensor, memory, true);
    } catch (RuntimeException | Error e) {
      memory.release();
      throw e;
    }
  }
}
