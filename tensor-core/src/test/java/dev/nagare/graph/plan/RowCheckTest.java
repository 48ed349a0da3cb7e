package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PostOp;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
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
    for (long m : new long[] {2, 17, 21, 100}) {
      assertThat(new RowCheck(SPEC).holds(kernels, m)).as("%d rows", m).isTrue();
    }
  }

  @Test
  void aKernelWhoseRowsDependOnTheirNumberFails() {
    // has other bits in all rows of 17
    PreparedKernels faulty =
        WatchedKernels.prepared(
            (spec, make) ->
                spec instanceof ProductSpec product && product.m() == 17
                    ? kernels.product(skewed(product))
                    : make.get());
    assertThat(new RowCheck(SPEC).holds(faulty, SPEC.m())).isFalse();
  }

  @Test
  void aKernelWhoseRowsDependOnWhereTheyLieFailsWhicheverRowItIs() {
    for (int row : new int[] {0, 16, 17, 20}) {
      PreparedKernels faulty =
          WatchedKernels.prepared(
              (spec, make) ->
                  spec instanceof ProductSpec product && product.m() == SPEC.m()
                      ? spoiled(make.get(), row)
                      : make.get());
      var check = new RowCheck(SPEC);
      assertThat(check.holds(faulty, SPEC.m())).as("row %d", row).isFalse();
      assertThat(check.holds(faulty, 2)).isTrue();
      assertThat(check.holds(faulty, 40)).isTrue();
    }
  }

  /** Has another number at the end of a row. */
  private static PreparedKernel spoiled(PreparedKernel kernel, int row) {
    return WatchedKernels.proxy(
        PreparedKernel.class,
        (method, arguments) -> {
          Object result = WatchedKernels.call(kernel, method, arguments);
          return result instanceof PreparedKernel.Call call ? spoiled(call, row) : result;
        });
  }

  private static PreparedKernel.Call spoiled(PreparedKernel.Call call, int row) {
    var output = new AtomicReference<@Nullable Tensor>();
    var proxy = new AtomicReference<PreparedKernel.@Nullable Call>();
    proxy.set(
        WatchedKernels.proxy(
            PreparedKernel.Call.class,
            (method, arguments) -> {
              Object result = WatchedKernels.call(call, method, arguments);
              if (method.getName().equals("output") && arguments != null) {
                output.set((Tensor) arguments[0]);
              }
              Tensor y = output.get();
              if (method.getName().equals("run") && y != null) {
                long last = (row + 1) * y.dim(1) - 1;
                y.set(last, y.get(last) + 1);
              }
              return result instanceof PreparedKernel.Call ? proxy.get() : result;
            }));
    return Objects.requireNonNull(proxy.get());
  }

  @Test
  void aRunThatFailsHalfWayIsDoneAnew() {
    for (int failing = 0; failing < 5; failing++) {
      int wrong = failing;
      var made = new AtomicInteger();
      PreparedKernels faulty =
          WatchedKernels.prepared(
              (spec, make) -> {
                if (made.getAndIncrement() == wrong) {
                  throw TensorException.mismatch("not now");
                }
                return make.get();
              });
      var check = new RowCheck(SPEC);
      assertThatThrownBy(() -> check.holds(faulty, SPEC.m())).hasMessage("not now");
      assertThat(check.holds(faulty, SPEC.m())).as("after run %d", wrong).isTrue();
    }
  }

  @Test
  void whatWasAskedForLongAgoIsForgottenAndCheckedAnew() {
    var check = new RowCheck(shape(1));
    for (long m = 1; m <= 2 * RowCheck.MOST_NUMBERS; m++) {
      assertThat(check.holds(kernels, m)).isTrue();
      assertThat(check.numbers()).isLessThanOrEqualTo(RowCheck.MOST_NUMBERS);
    }
    for (long m : new long[] {1, 2, 17, 2 * RowCheck.MOST_NUMBERS}) {
      assertThat(check.holds(kernels, m)).isTrue();
    }
    Kernels all = KernelProviders.best().kernels();
    for (long k = 1; k <= RowCheck.MOST_SHAPES + 10; k++) {
      RowCheck.product(all, shape(k)).close();
    }
    assertThat(RowCheck.shapes()).isEqualTo(RowCheck.MOST_SHAPES);
    PreparedKernel first = RowCheck.product(all, shape(1));
    assertThat(first).isNotInstanceOf(TiledProduct.class);
    first.close();
  }

  /** One so small that a check takes no time. */
  private static ProductSpec shape(long k) {
    return new ProductSpec(2, 1, k, false, DType.F32, DType.F32, false, List.of(), List.of());
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
            PreparedKernel two = new TiledProduct(kernels, spec, TiledProduct.ROWS)) {
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
