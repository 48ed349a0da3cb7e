package dev.nagare.tensor.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneDnnMatmulTest {
  private static final Kernels KERNELS = KernelProviders.byName("onednn").kernels();

  private final SplittableRandom random = new SplittableRandom(11);
  private final ProcessMemory memory = new ProcessMemory("test");

  @AfterEach
  void close() {
    memory.close();
  }

  @ParameterizedTest(name = "K={0} N={1}")
  @CsvSource({"8, 256", "64, 8", "13, 7", "64, 256", "256, 64"})
  void aRowHasTheSameBitsAloneAndInAnyBatch(int k, int n) {
    Tensor b = random(k, n);
    Tensor bias = random(n);
    Tensor all = random(64, k);
    float[] whole = product(all, b, bias);
    for (int m : new int[] {1, 2, 3, 15, 16, 17, 33, 64}) {
      for (int first : new int[] {0, 64 - m}) {
        assertThat(product(all.narrow(first, m), b, bias))
            .as("rows %s to %s", first, first + m)
            .isEqualTo(Arrays.copyOfRange(whole, first * n, (first + m) * n));
      }
    }
  }

  @ParameterizedTest(name = "M={0} K={1} N={2}")
  @CsvSource({"2, 8, 256", "32, 8, 256", "2, 64, 8", "16, 64, 8", "64, 64, 8", "8, 32, 256"})
  void noProductFallsToTheReferenceImplementation(int m, int k, int n) {
    ThreadMatmuls matmuls = new ThreadMatmuls();
    for (boolean transposed : new boolean[] {false, true}) {
      for (boolean accumulate : new boolean[] {false, true}) {
        String name =
            matmuls
                .matmul(false, m, n, k, transposed, false, !accumulate, accumulate)
                .implementation();
        assertThat(name).doesNotContain("ref").contains("matmul");
      }
    }
  }

  @Test
  void moreShapesThanAreKeptStillGiveTheRightResults() {
    Tensor all = random(600, 3);
    Tensor b = random(3, 2);
    Tensor bias = random(2);
    float[] whole = product(all, b, bias);
    for (int m = 600; m > 0; m--) {
      assertThat(product(all.narrow(0, m), b, bias)).isEqualTo(Arrays.copyOf(whole, m * 2));
    }
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    Tensor a = random(16, 64);
    Tensor b = random(64, 8);
    Tensor bias = random(8);
    float[] expected = product(a, b, bias);
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<?>> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Tensor out = memory.zeros(DType.F32, Shape.of(16, 8));
        threads.add(
            executor.submit(
                () -> {
                  for (int call = 0; call < 2000; call++) {
                    KERNELS.matmul(a, false, b, false, bias, out, false);
                    assertThat(out.toFloats()).isEqualTo(expected);
                  }
                }));
      }
      for (Future<?> thread : threads) {
        thread.get();
      }
    }
  }

  @Test
  void aFailureNamesTheFunctionAndTheStatus() {
    assertThatThrownBy(() -> OneDnn.matrix(OneDnn.F32, -3, 2, 2, 1))
        .isInstanceOfSatisfying(
            TensorException.class, e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.NATIVE))
        .hasMessage("onednn: dnnl_memory_desc_create_with_strides answered invalid_arguments");
  }

  private float[] product(Tensor a, Tensor b, Tensor bias) {
    Tensor out = memory.zeros(DType.F32, Shape.of(a.dim(0), b.dim(1)));
    KERNELS.matmul(a, false, b, false, bias, out, false);
    return out.toFloats();
  }

  private Tensor random(long... dims) {
    Tensor tensor = memory.empty(DType.F32, Shape.of(dims));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, random.nextDouble() - 0.5);
    }
    return tensor;
  }
}
