package dev.nagare.tensor.kernel.prepared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What prepared kernels of every provider must do: results against definitions in f64. */
class PreparedConformanceTest {
  private static final long SEED = 20261125;
  private static final List<PostOp> NONE = List.of();

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final ProcessMemory memory = new ProcessMemory("prepared test, seed " + SEED);

  @AfterEach
  void close() {
    memory.close();
  }

  static Stream<Arguments> providers() {
    return Stream.of("scalar", "vector", "onednn")
        .flatMap(
            provider ->
                Stream.of(DType.F32, DType.BF16).map(dtype -> Arguments.of(provider, dtype)));
  }

  private static PreparedKernels kernels(String provider, DType dtype) {
    PreparedKernels kernels = KernelProviders.byName(provider).kernels().prepared();
    String why = provider.equals("onednn") ? kernels.whyNoBFloat16() : "";
    Assumptions.assumeTrue(dtype == DType.F32 || why.isEmpty(), "not here: " + why);
    return kernels;
  }

  /**
   * Bound on a result: sums of F32 with numbers up to 1 lose at most a unit per term, functions are
   * good to 32 units, and a result in BF16 is rounded once, to 1/256 of itself.
   */
  private static double bound(DType result, int terms, double value) {
    double size = Math.max(1, Math.abs(value));
    return (terms + 32) * 0x1p-23 * size + (result == DType.BF16 ? 0x1p-8 * Math.abs(value) : 0);
  }

  private static void near(double[] actual, double[] expected, DType result, int terms) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i])
          .as("element %d, seed %d", i, SEED)
          .isCloseTo(expected[i], within(bound(result, terms, expected[i])));
    }
  }

  private static PostOp.Apply apply(PostOp.Function f, double... parameters) {
    return parameters.length == 0
        ? new PostOp.Apply(f)
        : new PostOp.Apply(f, parameters[0], parameters[1]);
  }

  private static PostOp.Combine combine(PostOp.Combination f, boolean first) {
    return new PostOp.Combine(f, first);
  }

  /** Chains in which each function and combination is found. */
  static List<List<PostOp>> chains() {
    List<List<PostOp>> chains = new ArrayList<>();
    chains.add(NONE);
    for (PostOp.Function f : PostOp.Function.values()) {
      chains.add(
          List.of(
              switch (f) {
                case LEAKY_RELU, ELU -> apply(f, 0.3, 0);
                case CLIP -> apply(f, -0.4, 0.6);
                case LINEAR -> apply(f, -1.5, 0.25);
                case HARD_SIGMOID -> apply(f, 0.2, 0.5);
                default -> apply(f);
              }));
    }
    for (PostOp.Combination f : PostOp.Combination.values()) {
      if (f != PostOp.Combination.DIV) { // a divisor near zero has no bound; see the chain below
        chains.add(List.of(combine(f, false)));
        chains.add(List.of(combine(f, true), apply(PostOp.Function.RELU)));
      }
    }
    PostOp away = apply(PostOp.Function.CLIP, 1.5, 9);
    chains.add(List.of(away, combine(PostOp.Combination.DIV, true)));
    chains.add(
        List.of(
            apply(PostOp.Function.RELU),
            combine(PostOp.Combination.ADD, false),
            combine(PostOp.Combination.MUL, false),
            apply(PostOp.Function.SIGMOID)));
    return chains;
  }

  private static List<Operand> operands(List<PostOp> post, DType dtype, int rotation) {
    List<Operand> operands = new ArrayList<>();
    Operand.Extent[] extents = Operand.Extent.values();
    for (PostOp op : post) {
      if (op instanceof PostOp.Combine) {
        operands.add(new Operand(extents[(operands.size() + rotation) % extents.length], dtype));
      }
    }
    return operands;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void productsAreSumsWithWhatFollows(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    int rotation = 0;
    for (int m : new int[] {1, 2, 3, 16, 17}) {
      for (List<PostOp> post : chains()) {
        for (DType result : dtype == DType.F32 ? List.of(DType.F32) : List.of(dtype, DType.F32)) {
          rotation++;
          product(
              kernels,
              new ProductSpec(
                  m,
                  rotation % 2 == 0 ? 20 : 37,
                  rotation % 3 == 0 ? 33 : 64,
                  rotation % 2 == 0,
                  dtype,
                  result,
                  rotation % 4 != 0,
                  post,
                  operands(post, dtype, rotation)));
        }
      }
    }
  }

  private void product(PreparedKernels kernels, ProductSpec s) {
    try (KernelRun run =
        new KernelRun(
            kernels.product(s),
            dev.nagare.tensor.kernel.prepared.Arguments.of(s),
            memory,
            random)) {
      int n = (int) s.n();
      int k = (int) s.k();
      double[] x = KernelRun.values(run.inputs.getFirst());
      double[] w = run.weight(s.dtype());
      double[] expected = new double[(int) s.m() * n];
      for (int i = 0; i < expected.length; i++) {
        double sum = run.bias == null ? 0 : run.bias.get(i % n);
        for (int t = 0; t < k; t++) {
          sum += x[i / n * k + t] * w[s.transposed() ? i % n * k + t : t * n + i % n];
        }
        expected[i] = PlainPost.of(s.post(), run.operands, sum, i, n);
      }
      near(run.run(), expected, s.result(), 2 * k);
    }
  }

  record Image(int n, int h, int w, int c, int o, Window window, int groups) {}

  static List<Image> images() {
    Window three = Window.of(3, 3).padding(1, 1);
    return List.of(
        new Image(1, 7, 9, 16, 32, three, 1),
        new Image(2, 8, 8, 3, 16, three.stride(2, 2), 1),
        new Image(3, 6, 5, 1, 8, three, 1),
        new Image(2, 6, 6, 24, 24, Window.of(5, 5).padding(2, 2), 24),
        new Image(1, 6, 6, 16, 32, three, 4),
        new Image(2, 9, 9, 16, 16, three.dilation(2, 2), 1),
        new Image(1, 5, 6, 8, 8, new Window(2, 3, 2, 1, 1, 1, 0, 1, 1, 0), 1),
        new Image(2, 1, 20, 8, 16, Window.of(1, 5).padding(0, 2).stride(1, 2), 1),
        new Image(1, 1, 1, 32, 8, Window.of(1, 1), 1),
        new Image(2, 5, 5, 64, 37, Window.of(1, 1), 1),
        new Image(1, 6, 6, 32, 64, Window.of(1, 1).stride(2, 2), 1),
        new Image(2, 28, 28, 1, 16, three, 1),
        new Image(1, 6, 15, 3, 16, new Window(3, 2, 2, 1, 1, 1, 0, 1, 1, 0), 1),
        new Image(2, 14, 15, 16, 32, Window.of(1, 1).stride(2, 2), 1),
        new Image(2, 28, 28, 16, 16, three, 1),
        new Image(1, 14, 13, 32, 48, three, 1),
        new Image(3, 1, 12, 16, 16, three, 1),
        new Image(2, 5, 25, 64, 64, three, 1),
        new Image(1, 5, 27, 32, 128, new Window(3, 3, 1, 1, 1, 1, 0, 2, 1, 0), 1),
        new Image(1, 9, 14, 48, 16, new Window(3, 3, 1, 1, 1, 1, 0, 0, 1, 0), 1));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void convolutionsAreSumsWithWhatFollows(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    List<List<PostOp>> posts =
        List.of(
            NONE,
            List.of(apply(PostOp.Function.RELU)),
            List.of(combine(PostOp.Combination.ADD, false), apply(PostOp.Function.RELU)),
            List.of(apply(PostOp.Function.HARD_SWISH)),
            List.of(apply(PostOp.Function.CLIP, 0, 0.5), combine(PostOp.Combination.MUL, false)));
    int rotation = 0;
    for (Image image : images()) {
      for (List<PostOp> post : posts) {
        rotation++;
        convolution(
            kernels,
            new ConvolutionSpec(
                image.n,
                image.h,
                image.w,
                image.c,
                image.o,
                image.window,
                image.groups,
                dtype,
                dtype,
                rotation % 3 != 0,
                post,
                operands(post, dtype, 0)));
      }
    }
  }

  private void convolution(PreparedKernels kernels, ConvolutionSpec s) {
    try (KernelRun run =
        new KernelRun(
            kernels.convolution(s),
            dev.nagare.tensor.kernel.prepared.Arguments.of(s),
            memory,
            random)) {
      double[] x = KernelRun.values(run.inputs.getFirst());
      double[] w = run.weight(s.dtype());
      double[] expected = new double[(int) s.output().elements()];
      for (int i = 0; i < expected.length; i++) {
        int o = i % (int) s.o();
        double sum = run.bias == null ? 0 : run.bias.get(o);
        expected[i] = PlainPost.of(s.post(), run.operands, sum + seen(s, x, w, i), i, (int) s.o());
      }
      near(run.run(), expected, s.dtype(), 2 * w.length / (int) s.o());
    }
  }

  private static double seen(ConvolutionSpec s, double[] x, double[] w, int i) {
    int o = i % (int) s.o();
    int q = i / (int) s.o() % (int) s.output().dim(2);
    int p = i / (int) (s.o() * s.output().dim(2)) % (int) s.output().dim(1);
    int n = i / (int) (s.o() * s.output().dim(2) * s.output().dim(1));
    int inputs = (int) s.c() / s.groups();
    int first = o / ((int) s.o() / s.groups()) * inputs;
    Window v = s.window();
    double sum = 0;
    for (int a = 0; a < v.kernelH(); a++) {
      for (int b = 0; b < v.kernelW(); b++) {
        int y = p * v.strideH() + a * v.dilationH() - v.top();
        int z = q * v.strideW() + b * v.dilationW() - v.left();
        for (int c = 0; c < inputs && y >= 0 && y < s.h() && z >= 0 && z < s.w(); c++) {
          sum +=
              x[((n * (int) s.h() + y) * (int) s.w() + z) * (int) s.c() + first + c]
                  * w[((o * inputs + c) * v.kernelH() + a) * v.kernelW() + b];
        }
      }
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void aRecurrenceTakesEachStepFromTheOneBefore(String provider) {
    PreparedKernels kernels = kernels(provider, DType.F32);
    for (RecurrenceSpec s : List.of(new RecurrenceSpec(7, 1, 64), new RecurrenceSpec(4, 3, 32))) {
      try (KernelRun run =
          new KernelRun(
              kernels.recurrence(s),
              dev.nagare.tensor.kernel.prepared.Arguments.of(s),
              memory,
              random)) {
        // steps contract what they are given wrong: 64 terms of a unit each, 7 times at most
        near(run.run(), recurrence(s, run), DType.F32, 7 * 64);
      }
    }
  }

  private static double[] recurrence(RecurrenceSpec s, KernelRun run) {
    int n = (int) s.rows();
    int hidden = (int) s.hidden();
    double[] given = KernelRun.values(run.inputs.getFirst());
    double[] h = KernelRun.values(run.inputs.get(1));
    double[] c = KernelRun.values(run.inputs.get(2));
    double[] w = run.weight(DType.F32);
    double[] all = new double[(int) s.steps() * n * hidden];
    for (int t = 0; t < s.steps(); t++) {
      double[] next = new double[n * hidden];
      for (int i = 0; i < n * hidden; i++) {
        int row = i / hidden;
        int j = i % hidden;
        double[] a = new double[4];
        for (int gate = 0; gate < 4; gate++) {
          a[gate] = given[((t * n + row) * 4 + gate) * hidden + j];
          for (int k = 0; k < hidden; k++) {
            a[gate] += h[row * hidden + k] * w[(k * 4 + gate) * hidden + j];
          }
        }
        c[i] = sigmoid(a[1]) * c[i] + sigmoid(a[0]) * StrictMath.tanh(a[2]);
        next[i] = sigmoid(a[3]) * StrictMath.tanh(c[i]);
      }
      h = next;
      System.arraycopy(h, 0, all, t * n * hidden, h.length);
    }
    return all;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void poolingsTakeTheLargestOrTheMean(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    List<Window> windows =
        List.of(
            Window.of(3, 3).stride(2, 2).padding(1, 1),
            Window.of(2, 2).stride(2, 2),
            new Window(3, 2, 2, 1, 1, 1, 0, 1, 2, 0),
            Window.of(6, 7));
    for (Window window : windows) {
      for (PoolingSpec.Kind kind : PoolingSpec.Kind.values()) {
        PoolingSpec s = new PoolingSpec(kind, 2, 6, 7, 19, window, dtype);
        try (KernelRun run =
            new KernelRun(
                kernels.pooling(s),
                dev.nagare.tensor.kernel.prepared.Arguments.of(s),
                memory,
                random)) {
          double[] x = KernelRun.values(run.inputs.getFirst());
          double[] expected = new double[(int) s.output().elements()];
          Arrays.setAll(expected, i -> pooled(s, x, i));
          near(run.run(), expected, dtype, 42);
        }
      }
    }
  }

  private static double pooled(PoolingSpec s, double[] x, int i) {
    int c = i % (int) s.c();
    int q = i / (int) s.c() % (int) s.output().dim(2);
    int p = i / (int) (s.c() * s.output().dim(2)) % (int) s.output().dim(1);
    int n = i / (int) (s.c() * s.output().dim(2) * s.output().dim(1));
    Window v = s.window();
    double most = Double.NEGATIVE_INFINITY;
    double sum = 0;
    int count = 0;
    for (int a = 0; a < v.kernelH(); a++) {
      for (int b = 0; b < v.kernelW(); b++) {
        int y = p * v.strideH() + a - v.top();
        int z = q * v.strideW() + b - v.left();
        if (y >= 0 && y < s.h() && z >= 0 && z < s.w()) {
          double value = x[((n * (int) s.h() + y) * (int) s.w() + z) * (int) s.c() + c];
          most = Math.max(most, value);
          sum += value;
          count++;
        }
      }
    }
    return switch (s.kind()) {
      case MAX -> most;
      case MEAN -> sum / count;
      case MEAN_WITH_PADDING -> sum / (v.kernelH() * v.kernelW());
    };
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void rowsAreNormalised(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    for (int rows : new int[] {1, 2, 17}) {
      for (int n : new int[] {1, 7, 64, 385}) {
        LayerNormSpec s = new LayerNormSpec(rows, n, 1e-5, n != 7, n != 64, dtype, dtype);
        try (KernelRun run =
            new KernelRun(
                kernels.layerNorm(s),
                dev.nagare.tensor.kernel.prepared.Arguments.of(s),
                memory,
                random)) {
          double[] x = KernelRun.values(run.inputs.getFirst());
          double[] expected = new double[rows * n];
          for (int i = 0; i < expected.length; i++) {
            double[] row = Arrays.copyOfRange(x, i / n * n, i / n * n + n);
            double mean = Arrays.stream(row).average().orElseThrow();
            double variance =
                Arrays.stream(row).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
            double scale = s.scale() ? run.inputs.get(1).get(i % n) : 1;
            double shift = s.shift() ? run.inputs.getLast().get(i % n) : 0;
            expected[i] = (x[i] - mean) / Math.sqrt(variance + 1e-5) * scale + shift;
          }
          near(run.run(), expected, dtype, n == 1 ? 400 : 64); // 1/√ε enlarges a rounded mean
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void softmaxesSumToOne(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    for (boolean log : new boolean[] {false, true}) {
      for (int n : new int[] {1, 5, 128, 131}) {
        SoftmaxSpec s = new SoftmaxSpec(3, n, log, dtype, dtype);
        try (KernelRun run =
            new KernelRun(
                kernels.softmax(s),
                dev.nagare.tensor.kernel.prepared.Arguments.of(s),
                memory,
                random)) {
          double[] x = KernelRun.values(run.inputs.getFirst());
          double[] expected = new double[3 * n];
          for (int i = 0; i < expected.length; i++) {
            double sum = 0;
            for (int j = 0; j < n; j++) {
              sum += StrictMath.exp(x[i / n * n + j]);
            }
            expected[i] = log ? x[i] - StrictMath.log(sum) : StrictMath.exp(x[i]) / sum;
          }
          near(run.run(), expected, dtype, 16);
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void functionsOfElements(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    int rotation = 0;
    for (List<PostOp> post : chains()) {
      for (DType result : dtype == DType.F32 ? List.of(DType.F32) : List.of(dtype, DType.F32)) {
        rotation++;
        Shape shape = rotation % 2 == 0 ? Shape.of(3, 4, 17) : Shape.of(5, 8);
        PointwiseSpec s =
            new PointwiseSpec(shape, dtype, result, post, operands(post, dtype, rotation));
        try (KernelRun run =
            new KernelRun(
                kernels.pointwise(s),
                dev.nagare.tensor.kernel.prepared.Arguments.of(s),
                memory,
                random)) {
          double[] expected = KernelRun.values(run.inputs.getFirst());
          for (int i = 0; i < expected.length; i++) {
            expected[i] = PlainPost.of(post, run.operands, expected[i], i, (int) shape.dim(-1));
          }
          near(run.run(), expected, result, 8);
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void affineFunctionsOfChannels(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    List<PostOp> sum =
        List.of(combine(PostOp.Combination.MUL, false), combine(PostOp.Combination.ADD, false));
    List<PostOp> bounded = new ArrayList<>(sum);
    bounded.add(apply(PostOp.Function.RELU));
    for (List<PostOp> post : List.of(sum, bounded)) {
      for (DType in : EnumSet.of(DType.F32, dtype)) {
        for (long columns : new long[] {1, 7, 16, 40, 64}) {
          Shape shape = Shape.of(3, 2, columns);
          List<Operand> operands = List.of(Operand.COLUMN, Operand.COLUMN);
          affine(kernels, new PointwiseSpec(shape, in, dtype, post, operands));
          affine(kernels, new PointwiseSpec(shape, in, DType.F32, post, operands));
        }
      }
    }
  }

  private void affine(PreparedKernels kernels, PointwiseSpec s) {
    try (KernelRun run =
        new KernelRun(
            kernels.pointwise(s),
            dev.nagare.tensor.kernel.prepared.Arguments.of(s),
            memory,
            random)) {
      assertThat(run.kernel.implementation()).isEqualTo("affine");
      double[] expected = KernelRun.values(run.inputs.getFirst());
      for (int i = 0; i < expected.length; i++) {
        expected[i] = PlainPost.of(s.post(), run.operands, expected[i], i, (int) s.shape().dim(-1));
      }
      near(run.run(), expected, s.result(), 2);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void copiesChangeTheOrderOfAxes(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    Shape shape = Shape.of(2, 3, 5, 7);
    CopySpec s = CopySpec.permuted(shape, DType.F32, dtype, 0, 2, 3, 1);
    try (KernelRun run =
        new KernelRun(
            kernels.copy(s), dev.nagare.tensor.kernel.prepared.Arguments.of(s), memory, random)) {
      double[] x = KernelRun.values(run.inputs.getFirst());
      double[] expected = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        int c = i % 3;
        int q = i / 3 % 7;
        int p = i / 21 % 5;
        int n = i / 105;
        expected[i] = x[((n * 3 + c) * 5 + p) * 7 + q];
      }
      near(run.run(), expected, dtype, 0);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void copiesPutPlanesNextToEachOther(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    for (int c = 1; c <= 6; c++) {
      planes(kernels, dtype, c, 5);
    }
    planes(kernels, dtype, 3, 613); // more pixels than are rounded at a time
    planes(kernels, dtype, 4, 613);
  }

  private void planes(PreparedKernels kernels, DType dtype, int c, int rows) {
    int pixels = rows * 7;
    long image = (long) pixels * c;
    CopySpec s =
        new CopySpec(
            Shape.of(2, c, rows, 7),
            List.of(image, (long) pixels, 7L, 1L),
            List.of(image, 1L, 7L * c, (long) c),
            DType.F32,
            dtype);
    try (KernelRun run =
        new KernelRun(
            kernels.copy(s), dev.nagare.tensor.kernel.prepared.Arguments.of(s), memory, random)) {
      double[] x = KernelRun.values(run.inputs.getFirst());
      double[] expected = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        int pixel = i / c % pixels;
        expected[i] = x[(i / (pixels * c) * c + i % c) * pixels + pixel];
      }
      near(run.run(), expected, dtype, 0);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("providers")
  void joinedRowsLieNextToEachOther(String provider, DType dtype) {
    PreparedKernels kernels = kernels(provider, dtype);
    List<List<Long>> widths =
        List.of(List.of(5L), List.of(1L, 3L), List.of(16L, 32L, 7L), List.of(131L, 64L));
    for (List<Long> columns : widths) {
      for (int rows : new int[] {1, 6}) {
        JoinSpec s = new JoinSpec(rows, columns, dtype);
        try (KernelRun run =
            new KernelRun(
                kernels.join(s),
                dev.nagare.tensor.kernel.prepared.Arguments.of(s),
                memory,
                random)) {
          double[] expected = new double[rows * (int) s.all()];
          int at = 0;
          for (int row = 0; row < rows; row++) {
            for (int i = 0; i < columns.size(); i++) {
              for (long j = 0; j < columns.get(i); j++) {
                expected[at++] = run.inputs.get(i).get(row * columns.get(i) + j);
              }
            }
          }
          assertThat(run.run()).as("%s, seed %d", s, SEED).isEqualTo(expected);
        }
      }
    }
  }

  private Tensor random(DType dtype, long... dims) {
    Tensor tensor = memory.empty(dtype, Shape.of(dims));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, 4 * random.nextDouble() - 2);
    }
    return tensor;
  }

  record Attended(int b, int tq, int tk, int heads, int depth, int mask) {}

  static Stream<Arguments> attended() {
    List<Attended> sizes =
        List.of(
            new Attended(1, 1, 1, 1, 1, 0),
            new Attended(2, 5, 7, 3, 8, 1),
            new Attended(1, 16, 16, 2, 32, 2),
            new Attended(1, 17, 33, 2, 32, 3),
            new Attended(2, 35, 21, 1, 24, 4),
            new Attended(1, 128, 128, 2, 64, 1));
    return providers()
        .flatMap(p -> sizes.stream().map(s -> Arguments.of(p.get()[0], p.get()[1], s)));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("attended")
  void attentionWeighsTheValues(String provider, DType dtype, Attended s) {
    PreparedKernels kernels = kernels(provider, dtype);
    long columns = (long) s.heads * s.depth;
    Shape mask =
        switch (s.mask) {
          case 1 -> Shape.of(s.b, 1, 1, s.tk);
          case 2 -> Shape.of(1, 1, s.tq, s.tk);
          case 3 -> Shape.of(1, s.heads, 1, s.tk);
          case 4 -> Shape.of(s.b, s.heads, s.tq, s.tk);
          default -> null;
        };
    double scale = 1 / Math.sqrt(s.depth);
    AttentionSpec spec =
        new AttentionSpec(
            s.b,
            s.tq,
            s.tk,
            s.heads,
            s.depth,
            scale,
            columns,
            2 * columns,
            2 * columns,
            mask,
            dtype);
    Tensor q = random(dtype, s.b, s.tq, columns);
    Tensor packed = random(dtype, s.b, s.tk, 2 * columns);
    Tensor k = packed.narrow(2, 0, columns);
    Tensor v = packed.narrow(2, columns, columns);
    Tensor y = memory.empty(dtype, Shape.of(s.b, s.tq, columns));
    try (PreparedKernel kernel = kernels.attention(spec);
        PreparedKernel.Call call = kernel.call(memory)) {
      call.input(0, q).input(1, k).input(2, v).output(y);
      Tensor added = mask == null ? null : random(DType.F32, mask.toArray());
      if (added != null) {
        added.set(0, Double.NEGATIVE_INFINITY);
        call.input(3, added);
      }
      call.run();
      for (int i = 0; i < y.elements(); i++) {
        double expected = attended(s, scale, q, packed, added, i);
        // The weights sum to one, so the errors of scores count, each of which has depth terms.
        double bound = (8 * s.depth + 32 + s.tk) * 0x1p-23 * 2;
        assertThat(y.get(i))
            .as("element %d, seed %d", i, SEED)
            .isCloseTo(expected, within(bound + (dtype == DType.BF16 ? 0x1p-6 : 0)));
      }
    }
  }

  private static double attended(
      Attended s, double scale, Tensor q, Tensor packed, @Nullable Tensor mask, int index) {
    int columns = s.heads * s.depth;
    long wide = columns;
    int column = index % columns;
    int head = column / s.depth;
    int i = index / columns % s.tq;
    int b = index / columns / s.tq;
    double[] weights = new double[s.tk];
    double sum = 0;
    for (int j = 0; j < s.tk; j++) {
      double score = 0;
      long key = ((long) b * s.tk + j) * 2 * wide;
      for (int d = 0; d < s.depth; d++) {
        score +=
            q.get(((long) b * s.tq + i) * wide + (long) head * s.depth + d)
                * packed.get(key + (long) head * s.depth + d);
      }
      if (mask != null) {
        long at = mask.dim(0) == 1 ? 0 : b;
        at = at * mask.dim(1) + (mask.dim(1) == 1 ? 0 : head);
        at = at * mask.dim(2) + (mask.dim(2) == 1 ? 0 : i);
        score = scale * score + mask.get(at * s.tk + j);
      } else {
        score = scale * score;
      }
      weights[j] = StrictMath.exp(score);
      sum += weights[j];
    }
    double result = 0;
    for (int j = 0; j < s.tk; j++) {
      result += weights[j] / sum * packed.get(((long) b * s.tk + j) * 2 * wide + columns + column);
    }
    return sum == 0 ? 0 : result;
  }
}
