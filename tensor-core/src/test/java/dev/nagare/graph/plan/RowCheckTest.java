package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PostOp;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowCheckTest {
  private static final ProductSpec SPEC =
      new ProductSpec(
          21,
          24,
          40,
          false,
          DType.F32,
          DType.F32,
          true,
          List.of(
              new PostOp.Apply(PostOp.Function.RELU),
              new PostOp.Combine(PostOp.Combination.ADD),
              new PostOp.Combine(PostOp.Combination.MUL)),
          List.of(Operand.ELEMENT, Operand.COLUMN));

  private final PreparedKernels kernels = KernelProviders.best().kernels().prepared();

  @Test
  void theKernelsOfThisMachinePass() {
    assertThat(new RowCheck(kernels, SPEC).holds(SPEC.m())).isTrue();
  }

  @Test
  void aKernelWhoseRowsDependOnTheirNumberFails() {
    // adds to the last column what depends on the number of rows
    PreparedKernels faulty =
        (PreparedKernels)
            Proxy.newProxyInstance(
                PreparedKernels.class.getClassLoader(),
                new Class<?>[] {PreparedKernels.class},
                (proxy, method, arguments) -> {
                  var spec = (ProductSpec) arguments[0];
                  return spec.m() == 17 ? kernels.product(skewed(spec)) : call(method, arguments);
                });
    assertThat(new RowCheck(faulty, SPEC).holds(SPEC.m())).isFalse();
  }

  private Object call(java.lang.reflect.Method method, Object[] arguments)
      throws IllegalAccessException, InvocationTargetException {
    return method.invoke(kernels, arguments);
  }

  /** The same with another activation: a stand-in for sums in another order. */
  private static ProductSpec skewed(ProductSpec spec) {
    return new ProductSpec(
        spec.m(),
        spec.n(),
        spec.k(),
        spec.transposed(),
        spec.dtype(),
        spec.result(),
        spec.bias(),
        List.of(
            new PostOp.Apply(PostOp.Function.LEAKY_RELU, 1e-3, 0),
            spec.post().get(1),
            spec.post().get(2)),
        spec.operands());
  }

  @Test
  void tilesGiveTheBitsOfTheKernelForEveryNumberOfRows() {
    try (var memory = new ProcessMemory("test")) {
      Tensor weight = Networks.random(memory, 1, 40, 24);
      Tensor bias = Networks.random(memory, 2, 24);
      Tensor x = Networks.random(memory, 3, 40, 40);
      Tensor element = Networks.random(memory, 4, 40, 24);
      Tensor column = Networks.random(memory, 5, 24);
      for (long m : new long[] {1, 2, 15, 16, 17, 32, 40}) {
        ProductSpec spec = RowCheck.rows(SPEC, m);
        Tensor whole = memory.empty(DType.F32, Shape.of(m, 24));
        Tensor tiled = memory.empty(DType.F32, Shape.of(m, 24));
        try (PreparedKernel one = kernels.product(spec);
            PreparedKernel two = new TiledProduct(kernels, spec)) {
          Map<PreparedKernel, Tensor> results = Map.of(one, whole, two, tiled);
          results.forEach(
              (kernel, result) -> {
                Tensor packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
                kernel.pack(weight, packed);
                try (PreparedKernel.Call call = kernel.call(memory)) {
                  call.input(x.narrow(0, m)).weight(packed).bias(bias);
                  call.operand(1, element.narrow(0, m)).operand(2, column);
                  call.output(result).run();
                }
              });
        }
        assertThat(tiled.toFloats()).as("%d rows", m).isEqualTo(whole.toFloats());
      }
    }
  }
}
