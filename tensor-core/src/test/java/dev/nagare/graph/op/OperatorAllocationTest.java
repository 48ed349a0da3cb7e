package dev.nagare.graph.op;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.nagare.graph.Operator;
import dev.nagare.graph.op.RecurrentSpec.Direction;
import dev.nagare.tensor.ChildJvm;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A prepared step leaves nothing on the heap.
 *
 * <p>Not held to it: sine and cosine, for which {@link StrictMath} reduces each argument in an
 * array (32 bytes an element).
 */
class OperatorAllocationTest {

  @Test
  void steadyRunsAllocateNothing() throws Exception {
    List<String> lines = ChildJvm.run(Measurement.class);
    assertThat(lines).hasSizeGreaterThan(10);
    assertThat(lines).allMatch(line -> line.endsWith(" 0"), "allocates nothing");
  }

  /** Prints the bytes per run of each operator, in the cleanest of many blocks. */
  static final class Measurement {
    private static final int BLOCKS = 200;
    private static final int CALLS = 100;
    private static final List<Unary.Function> LEFT_OUT =
        List.of(Unary.Function.NOT, Unary.Function.SIN, Unary.Function.COS);

    public static void main(String[] arguments) {
      var random = new SplittableRandom(7);
      try (Scope scope = new Scope(1 << 22)) {
        Tensor x = Runs.random(scope, random, DType.F32, 2, 6, 6, 19).permute(0, 3, 1, 2);
        Tensor y = scope.empty(DType.F32, Shape.of(2, 6, 6, 19)).permute(0, 3, 1, 2);
        Tensor channel = Runs.random(scope, random, DType.F32, 1, 19, 1, 1);
        for (var f : List.of(Binary.Function.ADD, Binary.Function.MUL, Binary.Function.SUB)) {
          print(scope, new Binary(f), List.of(x, channel), y);
        }
        for (var f : Unary.Function.values()) {
          if (!LEFT_OUT.contains(f)) {
            print(scope, new Unary(f), List.of(x), y);
          }
        }
        print(scope, new HardSigmoid(0.2, 0.5), List.of(x), y);
        print(scope, new Clip(0, 6), List.of(x), y);
        Tensor mean = scope.empty(DType.F32, Shape.of(2, 19, 1, 1));
        print(scope, new Reduce(Reduce.Kind.MEAN, List.of(2, 3), true), List.of(x), mean);
        Tensor rows = Runs.random(scope, random, DType.F32, 2, 7, 24);
        Tensor results = scope.empty(DType.F32, rows.shape());
        print(scope, new Softmax(-1), List.of(rows), results);
        print(scope, new Softmax(1), List.of(rows), results);
        print(scope, new LayerNorm(-1, 1e-5), List.of(rows), results);
        Tensor weight = Runs.random(scope, random, DType.F32, 24, 24);
        print(scope, new MatMul(false, true), List.of(rows, weight), results);
        lstm(scope, random);
      }
    }

    private static void lstm(Scope scope, SplittableRandom random) {
      Tensor x = Runs.random(scope, random, DType.F32, 8, 2, 3);
      Tensor w = Runs.random(scope, random, DType.F32, 2, 3, 64);
      Tensor r = Runs.random(scope, random, DType.F32, 2, 16, 64);
      Tensor y = scope.empty(DType.F32, Shape.of(8, 2, 2, 16));
      Tensor h = scope.empty(DType.F32, Shape.of(2, 2, 16));
      Tensor c = scope.empty(DType.F32, Shape.of(2, 2, 16));
      var spec = new RecurrentSpec(16, Direction.BIDIRECTIONAL);
      print(scope, new Lstm(spec, false), List.of(x, w, r), y, h, c);
    }

    private static void print(
        Scope scope, Operator operator, List<Tensor> inputs, Tensor... outputs) {
      Operator.Step step =
          operator.prepare(Runs.KERNELS, List.copyOf(inputs), Arrays.asList(outputs), scope);
      System.out.println(operator + " " + leastPerCall(step));
    }

    private static long leastPerCall(Operator.Step step) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long least = Long.MAX_VALUE;
      for (int block = 0; block < BLOCKS && least >= CALLS; block++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
          step.run();
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      return least / CALLS;
    }
  }
}
