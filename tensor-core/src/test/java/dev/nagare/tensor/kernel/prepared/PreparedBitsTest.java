package dev.nagare.tensor.kernel.prepared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.ConvolutionChoice;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The bits of a row, an image, a sequence do not depend on those beside it. */
class PreparedBitsTest {
  private final SplittableRandom random = new SplittableRandom(77);
  private final ProcessMemory memory = new ProcessMemory("prepared bits");

  @AfterEach
  void close() {
    memory.close();
  }

  static Stream<Arguments> providers() {
    return PreparedConformanceTest.providers();
  }

  private static PreparedKernels kernels(String provider, DType dtype) {
    PreparedKernels kernels = KernelProviders.byName(provider).kernels().prepared();
    String why = provider.equals("onednn") ? kernels.whyNoBFloat16() : "";
    Assumptions.assumeTrue(dtype == DType.F32 || why.isEmpty(), "not here: " + why);
    return kernels;
  }

  private Tensor random(DType dtype, long... dims) {
    Tensor tensor = memory.empty(dtype, Shape.of(dims));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, 2 * random.nextDouble() - 1);
    }
    return tensor;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void aRowOfAProductIsTheSameAmongAnyOthers(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    long[][] sizes = {{384, 384}, {37, 64}, {1000, 130}, {8, 48}};
    List<PostOp> post =
        List.of(new PostOp.Combine(PostOp.Combination.ADD), new PostOp.Apply(PostOp.Function.GELU));
    for (long[] size : sizes) {
      Tensor weight = random(DType.F32, size[0], size[1]);
      Tensor x = random(dtype, 128, size[1]);
      Tensor residual = random(dtype, 128, size[0]);
      Tensor packed = null;
      double[] all = null;
      for (int m : new int[] {128, 1, 2, 3, 16, 17, 33, 64}) {
        ProductSpec spec =
            new ProductSpec(
                m,
                size[0],
                size[1],
                true,
                dtype,
                dtype,
                false,
                post,
                List.of(new Operand(Operand.Extent.ELEMENT, dtype)));
        try (PreparedKernel kernel = kernels.product(spec);
            PreparedKernel.Call call = kernel.call(memory)) {
          if (packed == null) {
            packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
            kernel.pack(weight, packed);
          }
          Tensor y = memory.empty(dtype, Shape.of(m, size[0]));
          call.input(x.narrow(0, m)).weight(packed).operand(0, residual.narrow(0, m)).output(y);
          call.run();
          double[] values = KernelRun.values(y);
          all = all == null ? values : all;
          assertThat(values)
              .as("%d rows of %s", m, Arrays.toString(size))
              .isEqualTo(Arrays.copyOf(all, values.length));
        }
      }
    }
  }

  @Test
  void vectorsOfChannelsHaveTheBitsOfOneElementAtATime() {
    List<PostOp> post =
        List.of(
            new PostOp.Combine(PostOp.Combination.MUL),
            new PostOp.Combine(PostOp.Combination.ADD),
            new PostOp.Apply(PostOp.Function.RELU));
    double[] odd = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, 1e-40};
    for (DType dtype : List.of(DType.F32, DType.BF16)) {
      for (DType result : List.of(DType.F32, DType.BF16)) {
        for (List<PostOp> functions : List.of(post.subList(0, 2), post)) {
          Tensor x = random(dtype, 9, 83);
          Tensor factors = random(DType.F32, 83);
          Tensor terms = random(DType.F32, 83);
          for (int i = 0; i < odd.length; i++) {
            x.set(7L * i, odd[i]);
            terms.set(11L * i, odd[i]);
          }
          List<double[]> results = new ArrayList<>();
          for (String provider : List.of("scalar", "vector")) {
            PreparedKernels kernels = KernelProviders.byName(provider).kernels().prepared();
            PointwiseSpec spec =
                new PointwiseSpec(
                    x.shape(), dtype, result, functions, List.of(Operand.COLUMN, Operand.COLUMN));
            Tensor y = memory.empty(result, x.shape());
            try (PreparedKernel kernel = kernels.pointwise(spec);
                PreparedKernel.Call call = kernel.call(memory)) {
              call.input(0, x).operand(0, factors).operand(1, terms).output(y).run();
            }
            results.add(KernelRun.values(y));
          }
          assertThat(results.getLast())
              .as("%s to %s, %s", dtype, result, functions)
              .isEqualTo(results.getFirst());
        }
      }
    }
  }

  record Form(long h, long c, long o, Window window, int groups) {}

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void anImageIsTheSameAmongAnyOthers(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    Window three = Window.of(3, 3).padding(1, 1);
    List<Form> forms =
        List.of(
            new Form(14, 16, 32, three, 1),
            new Form(10, 1, 16, three, 1),
            new Form(9, 3, 16, three.stride(2, 2), 1),
            new Form(7, 32, 64, Window.of(1, 1), 1),
            new Form(1, 64, 48, Window.of(1, 1), 1),
            new Form(8, 32, 32, three, 32),
            new Form(26, 64, 64, three, 1));
    for (Form f : forms) {
      Tensor weight =
          random(DType.F32, f.o, f.c / f.groups, f.window.kernelH(), f.window.kernelW());
      Tensor x = random(dtype, 5, f.h, f.h, f.c);
      Tensor packed = null;
      double[] all = null;
      for (int n : new int[] {5, 1, 2, 3}) {
        ConvolutionSpec spec =
            new ConvolutionSpec(
                n,
                f.h,
                f.h,
                f.c,
                f.o,
                f.window,
                f.groups,
                dtype,
                dtype,
                false,
                List.of(new PostOp.Apply(PostOp.Function.RELU)),
                List.of());
        try (PreparedKernel kernel = kernels.convolution(spec);
            PreparedKernel.Call call = kernel.call(memory)) {
          if (packed == null) {
            packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
            kernel.pack(weight, packed);
          }
          Tensor y = memory.empty(dtype, spec.output());
          call.input(x.narrow(0, n)).weight(packed).output(y).run();
          double[] values = KernelRun.values(y);
          all = all == null ? values : all;
          assertThat(values)
              .as("%d images of %s", n, f)
              .isEqualTo(Arrays.copyOf(all, values.length));
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void rowsThatAreNormalisedAreTheSameAmongAnyOthers(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    Tensor x = random(dtype, 40, 384);
    double[] normal = null;
    double[] soft = null;
    for (int m : new int[] {40, 1, 2, 3, 16, 17}) {
      Tensor y = memory.empty(dtype, Shape.of(m, 384));
      try (PreparedKernel kernel =
              kernels.layerNorm(new LayerNormSpec(m, 384, 1e-12, false, false, dtype, dtype));
          PreparedKernel.Call call = kernel.call(memory)) {
        call.input(x.narrow(0, m)).output(y).run();
        double[] values = KernelRun.values(y);
        normal = normal == null ? values : normal;
        assertThat(values).as("%d rows", m).isEqualTo(Arrays.copyOf(normal, values.length));
      }
      try (PreparedKernel kernel = kernels.softmax(new SoftmaxSpec(m, 384, false, dtype, dtype));
          PreparedKernel.Call call = kernel.call(memory)) {
        call.input(x.narrow(0, m)).output(y).run();
        double[] values = KernelRun.values(y);
        soft = soft == null ? values : soft;
        assertThat(values).as("%d rows", m).isEqualTo(Arrays.copyOf(soft, values.length));
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void aSequenceIsTheSameAloneAndAmongOthersOfAnyLength(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    int[] lengths = {5, 1, 17, 0, 40, 16, 33};
    int total = Arrays.stream(lengths).sum();
    int tokens = total + 4; // rows of nobody at the end
    int heads = 3;
    long columns = heads * 32L;
    Tensor qkv = random(dtype, tokens, 3 * columns);
    double scale = 1 / Math.sqrt(32);
    long[] offsets = new long[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      offsets[i + 1] = offsets[i] + lengths[i];
    }
    Tensor all = memory.empty(dtype, Shape.of(tokens, columns));
    all.fill(Double.NaN);
    RaggedAttentionSpec spec =
        new RaggedAttentionSpec(
            tokens,
            lengths.length,
            heads,
            32,
            scale,
            3 * columns,
            3 * columns,
            3 * columns,
            DType.I64,
            dtype);
    try (PreparedKernel kernel = kernels.raggedAttention(spec);
        PreparedKernel.Call call = kernel.call(memory)) {
      for (int i = 0; i < 3; i++) {
        call.input(i, qkv.narrow(1, i * columns, columns));
      }
      call.input(3, memory.ofLongs(Shape.of(offsets.length), offsets)).output(all).run();
    }
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] > 0) {
        Tensor alone = alone(kernels, dtype, qkv.narrow(offsets[i], lengths[i]), heads, scale);
        assertThat(KernelRun.values(alone))
            .as("sequence %d of %d rows", i, lengths[i])
            .isEqualTo(KernelRun.values(all.narrow(offsets[i], lengths[i])));
      }
    }
    assertThat(KernelRun.values(all.narrow(total, 4))).containsOnly(0);
  }

  private Tensor alone(PreparedKernels kernels, DType dtype, Tensor qkv, int heads, double scale) {
    long columns = qkv.dim(1) / 3;
    long length = qkv.dim(0);
    RaggedAttentionSpec spec =
        new RaggedAttentionSpec(
            length,
            1,
            heads,
            columns / heads,
            scale,
            3 * columns,
            3 * columns,
            3 * columns,
            DType.I64,
            dtype);
    Tensor y = memory.empty(dtype, Shape.of(length, columns));
    try (PreparedKernel kernel = kernels.raggedAttention(spec);
        PreparedKernel.Call call = kernel.call(memory)) {
      for (int i = 0; i < 3; i++) {
        call.input(i, qkv.narrow(1, i * columns, columns));
      }
      call.input(3, memory.ofLongs(Shape.of(2), 0, length));
      call.output(y).run();
    }
    return y;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void offsetsThatLeadOutsideAreRefused(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    RaggedAttentionSpec spec =
        new RaggedAttentionSpec(8, 2, 1, 16, 1, 16, 16, 16, DType.I64, dtype);
    Tensor x = random(dtype, 8, 16);
    Tensor y = memory.empty(dtype, Shape.of(8, 16));
    List<long[]> wrong = new ArrayList<>();
    wrong.add(new long[] {0, 5, 9});
    wrong.add(new long[] {0, 5, 4});
    wrong.add(new long[] {-1, 5, 8});
    for (long[] offsets : wrong) {
      try (PreparedKernel kernel = kernels.raggedAttention(spec);
          PreparedKernel.Call call = kernel.call(memory)) {
        call.input(0, x).input(1, x).input(2, x).output(y);
        call.input(3, memory.ofLongs(Shape.of(3), offsets));
        assertThatThrownBy(call::run)
            .isInstanceOf(TensorException.class)
            .hasMessageContaining("attention: offset")
            .hasMessageContaining("expected from");
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void whatMayAttendToNothingIsZero(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    AttentionSpec spec =
        new AttentionSpec(2, 3, 4, 1, 16, 1, 16, 16, 16, Shape.of(2, 1, 1, 4), dtype);
    Tensor mask = memory.zeros(DType.F32, Shape.of(2, 1, 1, 4));
    for (int i = 0; i < 4; i++) {
      mask.set(i, Double.NEGATIVE_INFINITY);
    }
    Tensor y = memory.empty(dtype, Shape.of(2, 3, 16));
    try (PreparedKernel kernel = kernels.attention(spec);
        PreparedKernel.Call call = kernel.call(memory)) {
      Tensor keys = random(dtype, 2, 4, 16);
      call.input(0, random(dtype, 2, 3, 16)).input(1, keys).input(2, keys).input(3, mask);
      call.output(y).run();
    }
    assertThat(KernelRun.values(y.narrow(0, 1))).containsOnly(0);
    assertThat(KernelRun.values(y.narrow(1, 1))).doesNotContain(0, Double.NaN);
  }

  @Test
  void convolutionsOverVectorsHaveTheBitsOfTheScalar() {
    Window three = Window.of(3, 3).padding(1, 1);
    List<List<PostOp>> posts =
        List.of(
            List.of(),
            List.of(
                new PostOp.Combine(PostOp.Combination.ADD),
                new PostOp.Apply(PostOp.Function.RELU)));
    List<Form> forms =
        List.of(
            new Form(28, 16, 16, three, 1),
            new Form(13, 32, 48, three, 1),
            new Form(12, 16, 16, three, 1),
            new Form(15, 16, 48, three, 1),
            new Form(14, 64, 16, three, 1),
            new Form(13, 80, 112, three, 1),
            new Form(33, 32, 64, three, 1));
    for (Form f : forms) {
      for (List<PostOp> post : posts) {
        ConvolutionSpec spec =
            new ConvolutionSpec(
                2,
                f.h,
                f.h,
                f.c,
                f.o,
                f.window,
                1,
                DType.F32,
                DType.F32,
                !post.isEmpty(),
                post,
                post.isEmpty() ? List.of() : List.of(Operand.ELEMENT));
        assertThat(ConvolutionChoice.of(spec)).isNotEqualTo(ConvolutionChoice.OTHER);
        same(
            kernels -> kernels.convolution(spec),
            dev.nagare.tensor.kernel.prepared.Arguments.of(spec),
            f + " " + post);
      }
    }
  }

  @Test
  void aRecurrenceOverVectorsHasTheBitsOfTheScalar() {
    for (RecurrenceSpec spec :
        List.of(
            new RecurrenceSpec(5, 1, 64),
            new RecurrenceSpec(4, 3, 96),
            new RecurrenceSpec(3, 8, 128),
            new RecurrenceSpec(3, 20, 32))) {
      same(
          kernels -> kernels.recurrence(spec),
          dev.nagare.tensor.kernel.prepared.Arguments.of(spec),
          spec.toString());
    }
  }

  static Stream<Arguments> recurrences() {
    return Stream.of("scalar", "vector")
        .flatMap(
            provider -> Stream.of(32, 64, 96, 128).map(units -> Arguments.of(provider, units)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("recurrences")
  void aRowOfARecurrenceIsTheSameAmongAnyOthers(String provider, int hidden) {
    PreparedKernels kernels = KernelProviders.byName(provider).kernels().prepared();
    for (int rows : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 19, 28}) {
      aRowOfARecurrenceIsTheSameAmong(kernels, 3, rows, hidden);
    }
  }

  private void aRowOfARecurrenceIsTheSameAmong(
      PreparedKernels kernels, int steps, int rows, int hidden) {
    RecurrenceSpec spec = new RecurrenceSpec(steps, rows, hidden);
    RecurrenceSpec lone = new RecurrenceSpec(steps, 1, hidden);
    try (KernelRun all =
            new KernelRun(
                kernels.recurrence(spec),
                dev.nagare.tensor.kernel.prepared.Arguments.of(spec),
                memory,
                random);
        PreparedKernel kernel = kernels.recurrence(lone);
        PreparedKernel.Call call = kernel.call(memory)) {
      double[] expected = all.run();
      Tensor packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
      kernel.pack(java.util.Objects.requireNonNull(all.weight), packed);
      Tensor y = memory.empty(DType.F32, Shape.of(steps, 1, hidden));
      for (int i = 0; i < rows; i++) {
        call.input(0, all.inputs.getFirst().narrow(1, i, 1).contiguous(memory));
        call.input(1, all.inputs.get(1).narrow(0, i, 1).contiguous(memory));
        call.input(2, all.inputs.get(2).narrow(0, i, 1).contiguous(memory));
        call.weight(packed).output(y).run();
        for (int t = 0; t < steps; t++) {
          int from = (t * rows + i) * hidden;
          assertThat(KernelRun.values(y.narrow(0, t, 1)))
              .as("row %d of %d, step %d", i, rows, t)
              .isEqualTo(Arrays.copyOfRange(expected, from, from + hidden));
        }
      }
    }
  }

  /** Whether both plain providers give the same for the same arguments. */
  private void same(
      Function<PreparedKernels, PreparedKernel> kernel,
      dev.nagare.tensor.kernel.prepared.Arguments arguments,
      String what) {
    double[] expected = null;
    for (String provider : List.of("scalar", "vector")) {
      PreparedKernels kernels = KernelProviders.byName(provider).kernels().prepared();
      try (KernelRun run =
          new KernelRun(kernel.apply(kernels), arguments, memory, new SplittableRandom(78))) {
        double[] values = run.run();
        expected = expected == null ? values : expected;
        assertThat(values).as(what).isEqualTo(expected);
      }
    }
  }

  @Test
  void attentionOverVectorsHasTheBitsOfTheScalar() {
    PreparedKernels scalar = KernelProviders.byName("scalar").kernels().prepared();
    PreparedKernels vector = KernelProviders.byName("vector").kernels().prepared();
    for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
      for (int length : new int[] {1, 3, 16, 21, 50}) {
        for (int columns : new int[] {96, 51}) {
          Tensor qkv = random(dtype, length, 3L * columns);
          assertThat(KernelRun.values(alone(vector, dtype, qkv, 3, 0.3)))
              .as("%s, %d rows of %d", dtype, length, columns)
              .isEqualTo(KernelRun.values(alone(scalar, dtype, qkv, 3, 0.3)));
        }
      }
    }
  }
}
