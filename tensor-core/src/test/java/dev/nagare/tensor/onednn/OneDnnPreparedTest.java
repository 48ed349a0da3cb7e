package dev.nagare.tensor.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Window;
import dev.nagare.tensor.kernel.prepared.ConvolutionSpec;
import dev.nagare.tensor.kernel.prepared.CopySpec;
import dev.nagare.tensor.kernel.prepared.LayerNormSpec;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PointwiseSpec;
import dev.nagare.tensor.kernel.prepared.PoolingSpec;
import dev.nagare.tensor.kernel.prepared.PostOp;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import dev.nagare.tensor.kernel.prepared.SoftmaxSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OneDnnPreparedTest {
  private static final long SEED = 20261126;
  private static final PreparedKernels KERNELS =
      KernelProviders.byName("onednn").kernels().prepared();
  private static final List<PostOp> RELU = List.of(new PostOp.Apply(PostOp.Function.RELU));
  private static final List<PostOp> HARD_SWISH =
      List.of(new PostOp.Apply(PostOp.Function.HARD_SWISH));
  private static final List<PostOp> GELU = List.of(new PostOp.Apply(PostOp.Function.GELU));
  private static final List<PostOp> RESIDUAL =
      List.of(new PostOp.Combine(PostOp.Combination.ADD), RELU.getFirst());

  private final ProcessMemory memory = new ProcessMemory("onednn prepared");

  @AfterEach
  void close() {
    memory.close();
  }

  private static void assume(DType dtype) {
    String why = dtype == DType.BF16 ? KERNELS.whyNoBFloat16() : "";
    Assumptions.assumeTrue(why.isEmpty(), "not here: " + why);
  }

  private static void fast(Supplier<PreparedKernel> making, Object what) {
    try (PreparedKernel kernel = making.get()) {
      assertThat(kernel.implementation())
          .as("%s", what)
          .doesNotContain("ref")
          .doesNotContain("simple")
          .doesNotContain("gemm:any");
    }
  }

  private static void product(DType dtype, long n, long k, List<PostOp> post) {
    for (long m : new long[] {1, 2, 16, 128}) {
      ProductSpec s =
          new ProductSpec(m, n, k, true, dtype, dtype, true, post, operands(dtype, post));
      fast(() -> KERNELS.product(s), s);
    }
  }

  private static List<Operand> operands(DType dtype, List<PostOp> post) {
    return post.equals(RESIDUAL) ? List.of(new Operand(Operand.Extent.ELEMENT, dtype)) : List.of();
  }

  private static void convolution(
      DType dtype, long h, long w, long c, long o, Window window, int groups, List<PostOp> post) {
    ConvolutionSpec s =
        new ConvolutionSpec(
            1, h, w, c, o, window, groups, dtype, dtype, true, post, operands(dtype, post));
    fast(() -> KERNELS.convolution(s), s);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void noKernelOfAnEncoderFallsToTheReferenceImplementation(DType dtype) {
    assume(dtype);
    product(dtype, 384, 384, RESIDUAL);
    product(dtype, 1152, 384, List.of());
    product(dtype, 1536, 384, GELU);
    product(dtype, 384, 1536, RESIDUAL);
    fast(
        () -> KERNELS.layerNorm(new LayerNormSpec(128, 384, 1e-12, true, true, dtype, dtype)),
        "layerNorm");
    fast(() -> KERNELS.softmax(new SoftmaxSpec(128, 128, false, dtype, dtype)), "softmax");
    Shape rows = Shape.of(128, 384);
    List<PostOp> add = List.of(new PostOp.Combine(PostOp.Combination.ADD));
    List<Operand> element = List.of(new Operand(Operand.Extent.ELEMENT, dtype));
    fast(() -> KERNELS.pointwise(new PointwiseSpec(rows, dtype, dtype, add, element)), "add");
    fast(() -> KERNELS.pointwise(new PointwiseSpec(rows, dtype, dtype, GELU, List.of())), "gelu");
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void affineFunctionsOfChannelsAreOursAndHaveTheBitsOfTheLibrary(DType dtype) {
    assume(dtype);
    List<PostOp> post =
        List.of(
            new PostOp.Combine(PostOp.Combination.MUL),
            new PostOp.Combine(PostOp.Combination.ADD),
            new PostOp.Apply(PostOp.Function.RELU));
    PointwiseSpec spec =
        new PointwiseSpec(
            Shape.of(37, 96), dtype, dtype, post, List.of(Operand.COLUMN, Operand.COLUMN));
    SplittableRandom random = new SplittableRandom(SEED);
    try (PreparedKernel ours = KERNELS.pointwise(spec);
        PreparedKernel library = PreparedForward.pointwise(spec)) {
      assertThat(ours.implementation()).isEqualTo("affine");
      Tensor x = memory.empty(dtype, spec.shape());
      Tensor factors = memory.empty(DType.F32, Shape.of(96));
      Tensor terms = memory.empty(DType.F32, Shape.of(96));
      for (Tensor tensor : List.of(x, factors, terms)) {
        for (long i = 0; i < tensor.elements(); i++) {
          tensor.set(i, 2 * random.nextDouble() - 1);
        }
      }
      List<double[]> results = new ArrayList<>();
      for (PreparedKernel kernel : List.of(ours, library)) {
        Tensor y = memory.empty(dtype, spec.shape());
        try (PreparedKernel.Call call = kernel.call(memory)) {
          call.input(0, x).operand(0, factors).operand(1, terms).output(y).run();
        }
        double[] values = new double[(int) y.elements()];
        for (int i = 0; i < values.length; i++) {
          values[i] = y.get(i);
        }
        results.add(values);
      }
      assertThat(results.getFirst()).as("seed %d", SEED).isEqualTo(results.getLast());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void noKernelOfAResidualNetworkFallsToTheReferenceImplementation(DType dtype) {
    assume(dtype);
    Window one = Window.of(1, 1);
    Window three = Window.of(3, 3).padding(1, 1);
    convolution(dtype, 224, 224, 3, 64, Window.of(7, 7).stride(2, 2).padding(3, 3), 1, RELU);
    long size = 56;
    long in = 64;
    for (long width = 64; width <= 512; width *= 2) {
      int stride = width == 64 ? 1 : 2;
      convolution(dtype, size, size, in, width, one, 1, RELU);
      convolution(dtype, size, size, width, width, three.stride(stride, stride), 1, RELU);
      convolution(dtype, size, size, in, 4 * width, one.stride(stride, stride), 1, List.of());
      size /= stride;
      convolution(dtype, size, size, width, 4 * width, one, 1, RESIDUAL);
      convolution(dtype, size, size, 4 * width, width, one, 1, RELU);
      convolution(dtype, size, size, width, width, three, 1, RELU);
      in = 4 * width;
    }
    product(dtype, 1000, 2048, List.of());
    Window pool = Window.of(3, 3).stride(2, 2).padding(1, 1);
    fast(
        () -> KERNELS.pooling(new PoolingSpec(PoolingSpec.Kind.MAX, 1, 112, 112, 64, pool, dtype)),
        "max");
    fast(
        () ->
            KERNELS.pooling(
                new PoolingSpec(PoolingSpec.Kind.MEAN, 1, 7, 7, 2048, Window.of(7, 7), dtype)),
        "mean");
    fast(
        () ->
            KERNELS.copy(CopySpec.permuted(Shape.of(1, 3, 224, 224), DType.F32, dtype, 0, 2, 3, 1)),
        "channels last");
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void noKernelOfAMobileNetworkFallsToTheReferenceImplementation(DType dtype) {
    assume(dtype);
    Window one = Window.of(1, 1);
    Window three = Window.of(3, 3).padding(1, 1);
    Window five = Window.of(5, 5).padding(2, 2);
    convolution(dtype, 48, 192, 3, 8, three.stride(2, 2), 1, HARD_SWISH);
    convolution(dtype, 24, 96, 8, 8, one, 1, RELU);
    convolution(dtype, 24, 96, 8, 8, three.stride(2, 1), 8, RELU);
    convolution(dtype, 12, 96, 8, 24, one, 1, RELU);
    convolution(dtype, 12, 96, 24, 24, three.stride(2, 1), 24, RELU);
    convolution(dtype, 6, 96, 32, 32, five, 32, HARD_SWISH);
    convolution(dtype, 6, 96, 48, 48, five.stride(2, 1), 48, HARD_SWISH);
    convolution(dtype, 3, 96, 104, 104, five, 104, HARD_SWISH);
    convolution(
        dtype,
        1,
        1,
        8,
        2,
        one,
        1,
        List.of(new PostOp.Apply(PostOp.Function.HARD_SIGMOID, 0.2, 0.5)));
    convolution(dtype, 3, 96, 32, 200, one, 1, HARD_SWISH);
  }

  @Test
  void closingGivesBackEveryObjectOfTheLibrary() {
    long before = OneDnn.OBJECTS.sum();
    for (int i = 0; i < 3; i++) {
      useAndClose(1 + i);
    }
    assertThat(OneDnn.OBJECTS.sum()).isLessThanOrEqualTo(before);
  }

  private void useAndClose(long m) {
    List<Operand> column = List.of(Operand.COLUMN);
    ProductSpec s = new ProductSpec(m, 8, 16, false, DType.F32, DType.F32, true, RESIDUAL, column);
    ConvolutionSpec c =
        new ConvolutionSpec(
            m, 4, 4, 8, 8, Window.of(3, 3), 1, DType.F32, DType.F32, true, RESIDUAL, column);
    try (PreparedKernel product = KERNELS.product(s);
        PreparedKernel.Call two = product.call(memory);
        PreparedKernel convolution = KERNELS.convolution(c);
        PreparedKernel.Call three = convolution.call(memory);
        PreparedKernel norm =
            KERNELS.layerNorm(new LayerNormSpec(m, 8, 1, true, true, DType.F32, DType.F32));
        PreparedKernel.Call four = norm.call(memory);
        PreparedKernel pointwise =
            KERNELS.pointwise(
                new PointwiseSpec(
                    Shape.of(m, 8), DType.F32, DType.F32, RESIDUAL, List.of(Operand.SINGLE)))) {
      assertThat(OneDnn.OBJECTS.sum()).isPositive();
      Tensor packed = memory.empty(DType.U8, Shape.of(product.packedBytes()));
      product.pack(memory.zeros(DType.F32, Shape.of(16, 8)), packed);
      PreparedKernel.Call one = product.call(memory);
      one.close();
      one.close();
      assertThat(List.of(two, three, four, pointwise)).isNotEmpty();
    }
  }

  @Test
  void manyThreadsShareAKernelAndItsWeight() throws Exception {
    ProductSpec s = new ProductSpec(5, 64, 32, false, DType.F32, DType.F32, false, GELU, List.of());
    try (PreparedKernel kernel = KERNELS.product(s);
        ExecutorService lanes = Executors.newFixedThreadPool(4)) {
      Tensor weight = memory.zeros(DType.F32, Shape.of(32, 64));
      Tensor x = memory.zeros(DType.F32, Shape.of(5, 32));
      for (int i = 0; i < weight.elements(); i++) {
        weight.set(i, (i % 7 - 3) / 8.0);
        x.set(i % x.elements(), (i % 5 - 2) / 4.0);
      }
      Tensor packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
      kernel.pack(weight, packed);
      List<Future<float[]>> results = new ArrayList<>();
      for (int lane = 0; lane < 4; lane++) {
        Tensor y = memory.zeros(DType.F32, Shape.of(5, 64));
        PreparedKernel.Call call = kernel.call(memory);
        results.add(
            lanes.submit(
                () -> {
                  for (int i = 0; i < 500; i++) {
                    y.zero();
                    call.input(x).weight(packed).output(y).run();
                  }
                  call.close();
                  return y.toFloats();
                }));
      }
      float[] first = results.getFirst().get();
      for (Future<float[]> result : results) {
        assertThat(result.get()).isEqualTo(first);
      }
      assertThat(first).isNotEqualTo(new float[first.length]);
    }
  }
}
