package dev.nagare.tensor.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Convolution;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Window;
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
import org.junit.jupiter.params.provider.EnumSource;

class OneDnnConvolutionTest {
  private static final Convolution CONVOLUTION =
      KernelProviders.byName("onednn").kernels().convolution();
  private static final Window THREE = Window.of(3, 3).padding(1, 1);

  private final SplittableRandom random = new SplittableRandom(13);
  private final ProcessMemory memory = new ProcessMemory("test");

  @AfterEach
  void close() {
    memory.close();
  }

  @ParameterizedTest(name = "{0} {1} to {2} stride {3} groups {4}")
  @CsvSource({"32, 3, 16, 1, 1", "32, 16, 32, 2, 1", "8, 64, 64, 1, 1", "16, 32, 32, 1, 32"})
  void noPassFallsToTheReferenceImplementation(int size, int in, int out, int stride, int groups) {
    ThreadConvolutions convolutions = new ThreadConvolutions();
    for (ConvolutionPass.Kind kind : ConvolutionPass.Kind.values()) {
      Window window = THREE.stride(stride, stride);
      String name =
          convolutions.pass(kind, window, groups, 16, size, size, in, out, false).implementation();
      assertThat(name).as("%s", kind).doesNotContain("ref").doesNotContain("gemm");
    }
  }

  @Test
  void moreShapesThanAreKeptStillGiveTheRightResults() {
    Tensor all = random(300, 3, 3, 2);
    Tensor weight = random(4, 2, 3, 3);
    float[] whole = forward(all, weight);
    for (int n = 300; n > 0; n--) {
      assertThat(forward(all.narrow(0, n), weight)).isEqualTo(Arrays.copyOf(whole, n * 36));
    }
  }

  @ParameterizedTest
  @EnumSource
  void threadsDoNotDisturbEachOther(ConvolutionPass.Kind kind) throws Exception {
    assumeThat(kind != ConvolutionPass.Kind.FORWARD_BF16 || OneDnn.hasBf16())
        .as("not here: this processor does not multiply BF16")
        .isTrue();
    Tensor x = random(2, 8, 8, 16);
    Tensor weight = random(16, 16, 3, 3);
    Tensor y = random(2, 8, 8, 16);
    float[] expected = run(kind, x, weight, y);
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<?>> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        threads.add(
            executor.submit(
                () -> {
                  for (int call = 0; call < 200; call++) {
                    assertThat(run(kind, x, weight, y)).isEqualTo(expected);
                  }
                }));
      }
      for (Future<?> thread : threads) {
        thread.get();
      }
    }
  }

  private static float[] run(ConvolutionPass.Kind kind, Tensor x, Tensor weight, Tensor y) {
    try (var own = new ProcessMemory("thread")) {
      Tensor image = own.zeros(DType.F32, x.shape());
      Tensor gradient = own.zeros(DType.F32, weight.shape());
      return switch (kind) {
        case FORWARD -> {
          CONVOLUTION.forward(THREE, 1, x, weight, null, image);
          yield image.toFloats();
        }
        case FORWARD_BF16 -> {
          Tensor half = own.zeros(DType.BF16, x.shape());
          Tensor kernel = weight.to(DType.BF16, own);
          CONVOLUTION.forward(THREE, 1, x.to(DType.BF16, own), kernel, null, half);
          yield half.to(DType.F32, own).toFloats();
        }
        case DATA, DATA_ADDED -> {
          boolean added = kind == ConvolutionPass.Kind.DATA_ADDED;
          CONVOLUTION.backwardData(THREE, 1, y, weight, image, added);
          yield image.toFloats();
        }
        case WEIGHTS -> {
          CONVOLUTION.backwardWeights(THREE, 1, x, y, gradient, null);
          yield gradient.toFloats();
        }
      };
    }
  }

  private float[] forward(Tensor x, Tensor weight) {
    Tensor y = memory.zeros(DType.F32, Shape.of(x.dim(0), 3, 3, 4));
    CONVOLUTION.forward(THREE, 1, x, weight, null, y);
    return y.toFloats();
  }

  private Tensor random(long... dims) {
    Tensor tensor = memory.empty(DType.F32, Shape.of(dims));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, random.nextDouble() - 0.5);
    }
    return tensor;
  }
}
