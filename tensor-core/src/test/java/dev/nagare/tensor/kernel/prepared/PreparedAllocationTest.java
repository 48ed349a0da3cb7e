package dev.nagare.tensor.kernel.prepared;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.nagare.tensor.ChildJvm;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Window;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Once compiled, a run leaves nothing on the heap. */
class PreparedAllocationTest {

  /** Bytes: of plain Java, which is the fallback, a vector for each row of attention. */
  private static final long RECORDS = 4096;

  private static final long NOTHING = 16; // the measurement's own, shared out over its calls

  @ParameterizedTest
  @ValueSource(strings = {"vector", "onednn"})
  void aRunAllocatesNothing(String provider) throws Exception {
    for (String line : ChildJvm.run(Measurement.class, provider)) {
      System.out.println(line);
      assertThat(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
          .as(line)
          .isLessThan(provider.equals("onednn") ? NOTHING : RECORDS);
    }
  }

  /** Argument: provider; prints the bytes per run of each kernel. */
  static final class Measurement {
    private static final int BLOCKS = 300;
    private static final int CALLS = 100;

    public static void main(String[] arguments) {
      PreparedKernels kernels = KernelProviders.byName(arguments[0]).kernels().prepared();
      SplittableRandom random = new SplittableRandom(5);
      List<DType> dtypes =
          arguments[0].equals("onednn") && kernels.whyNoBFloat16().isEmpty()
              ? List.of(DType.F32, DType.BF16)
              : List.of(DType.F32);
      try (ProcessMemory memory = new ProcessMemory("allocation")) {
        for (DType dtype : dtypes) {
          List<KernelRun> runs = runs(kernels, dtype, memory, random);
          for (KernelRun run : runs) {
            System.out.println(dtype + " " + run.kernel.implementation() + " " + leastPerCall(run));
          }
          for (KernelRun run : runs) {
            run.close();
          }
        }
      }
    }

    private static List<KernelRun> runs(
        PreparedKernels kernels, DType dtype, ProcessMemory memory, SplittableRandom random) {
      List<KernelRun> runs = new ArrayList<>();
      List<PostOp> post =
          List.of(
              new PostOp.Combine(PostOp.Combination.ADD), new PostOp.Apply(PostOp.Function.GELU));
      List<Operand> operands = List.of(new Operand(Operand.Extent.ELEMENT, dtype));
      for (int m : new int[] {1, 6}) {
        ProductSpec s = new ProductSpec(m, 48, 32, true, dtype, dtype, true, post, operands);
        runs.add(new KernelRun(kernels.product(s), Arguments.of(s), memory, random));
      }
      ConvolutionSpec c =
          new ConvolutionSpec(
              1, 6, 6, 8, 16, Window.of(3, 3).padding(1, 1), 1, dtype, dtype, true, post, operands);
      runs.add(new KernelRun(kernels.convolution(c), Arguments.of(c), memory, random));
      Window three = Window.of(3, 3).padding(1, 1);
      for (long[] size : new long[][] {{16, 16}, {32, 32}}) {
        ConvolutionSpec w =
            new ConvolutionSpec(
                1,
                12,
                12,
                size[0],
                size[1],
                three,
                1,
                dtype,
                dtype,
                true,
                List.of(
                    new PostOp.Combine(PostOp.Combination.ADD),
                    new PostOp.Apply(PostOp.Function.RELU)),
                operands);
        runs.add(new KernelRun(kernels.convolution(w), Arguments.of(w), memory, random));
      }
      if (dtype == DType.F32) {
        RecurrenceSpec r = new RecurrenceSpec(4, 1, 64);
        runs.add(new KernelRun(kernels.recurrence(r), Arguments.of(r), memory, random));
        ProductSpec tiny =
            new ProductSpec(1, 10, 64, true, dtype, dtype, true, List.of(), List.of());
        runs.add(new KernelRun(kernels.product(tiny), Arguments.of(tiny), memory, random));
      }
      for (int t : new int[] {5, 16, 39}) {
        AttentionSpec a =
            new AttentionSpec(
                1, t, t, 2, 48, 0.2, 96, 96, 96, t == 5 ? null : Shape.of(1, 1, 1, t), dtype);
        runs.add(new KernelRun(kernels.attention(a), Arguments.of(a), memory, random));
      }
      LayerNormSpec n = new LayerNormSpec(3, 40, 1e-5, true, true, dtype, dtype);
      runs.add(new KernelRun(kernels.layerNorm(n), Arguments.of(n), memory, random));
      SoftmaxSpec x = new SoftmaxSpec(3, 40, false, dtype, dtype);
      runs.add(new KernelRun(kernels.softmax(x), Arguments.of(x), memory, random));
      PoolingSpec p = new PoolingSpec(PoolingSpec.Kind.MEAN, 1, 6, 6, 8, Window.of(2, 2), dtype);
      runs.add(new KernelRun(kernels.pooling(p), Arguments.of(p), memory, random));
      PointwiseSpec f = new PointwiseSpec(Shape.of(3, 8), dtype, dtype, post, operands);
      runs.add(new KernelRun(kernels.pointwise(f), Arguments.of(f), memory, random));
      List<PostOp> normal =
          List.of(
              new PostOp.Combine(PostOp.Combination.MUL),
              new PostOp.Combine(PostOp.Combination.ADD),
              new PostOp.Apply(PostOp.Function.RELU));
      List<Operand> columns = List.of(Operand.COLUMN, Operand.COLUMN);
      for (DType result : EnumSet.of(DType.F32, dtype)) {
        PointwiseSpec g = new PointwiseSpec(Shape.of(4, 64), dtype, result, normal, columns);
        runs.add(new KernelRun(kernels.pointwise(g), Arguments.of(g), memory, random));
      }
      JoinSpec joined = new JoinSpec(9, List.of(8L, 64L), dtype);
      runs.add(new KernelRun(kernels.join(joined), Arguments.of(joined), memory, random));
      CopySpec planes =
          new CopySpec(
              Shape.of(1, 3, 8, 8),
              List.of(192L, 64L, 8L, 1L),
              List.of(192L, 1L, 24L, 3L),
              DType.F32,
              dtype);
      runs.add(new KernelRun(kernels.copy(planes), Arguments.of(planes), memory, random));
      return runs;
    }

    /** Bytes per call in the cleanest block; arguments are said anew each time. */
    private static long leastPerCall(KernelRun run) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long least = Long.MAX_VALUE;
      for (int block = 0; block < BLOCKS && least >= CALLS; block++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
          run.call.input(run.inputs.getFirst()).output(run.output).run();
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      return least / CALLS;
    }
  }
}
