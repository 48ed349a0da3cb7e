package dev.nagare.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Transpose;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InterpreterTest {
  private static final Dim N = Dim.named("n");

  private final Kernels kernels = KernelProviders.byName("scalar").kernels();
  private final Scope scope = new Scope(1 << 16);

  @AfterEach
  void close() {
    scope.close();
  }

  /** Two matrices transposed and joined, as one row. */
  private static Graph graph() {
    var graph = new Graph("test");
    Value a = graph.input("a", DType.F32, N, Dim.of(2));
    Value b = graph.input("b", DType.F32, N, Dim.of(2));
    Value turned = graph.add(new Transpose(List.of(1, 0)), a);
    Value other = graph.add(new Transpose(List.of(1, 0)), b);
    Value joined = graph.add(new Concat(0), turned, other);
    graph.output("y", graph.add(new Reshape(List.of(N.times(4))), joined));
    return graph;
  }

  @Test
  void sizesFollowFromTheInputsAndItRunsAgain() {
    Tensor a = scope.of(Shape.of(2, 2), 1, 2, 3, 4);
    Tensor b = scope.of(Shape.of(2, 2), 5, 6, 7, 8);
    var interpreter = new Interpreter(graph(), kernels, Map.of("a", a, "b", b), scope);
    interpreter.run();
    Tensor y = interpreter.output("y");
    assertThat(y.toFloats()).containsExactly(1, 3, 2, 4, 5, 7, 6, 8);
    a.set(0, 9);
    interpreter.run();
    assertThat(y.toFloats()).containsExactly(9, 3, 2, 4, 5, 7, 6, 8);
  }

  @Test
  void inputsThatDoNotFitAreRefused() {
    Tensor a = scope.zeros(DType.F32, Shape.of(2, 2));
    Tensor longer = scope.zeros(DType.F32, Shape.of(3, 2));
    Tensor wider = scope.zeros(DType.F32, Shape.of(2, 3));
    Tensor whole = scope.zeros(DType.I64, Shape.of(2, 2));
    for (Tensor b : List.of(longer, wider, whole, a.reshape(4))) {
      assertThatThrownBy(() -> Interpreter.run(graph(), kernels, Map.of("a", a, "b", b), scope))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("input b: F32 [n, 2]: got " + b);
    }
    assertThatThrownBy(() -> Interpreter.run(graph(), kernels, Map.of("a", a), scope))
        .hasMessageContaining("input b: F32 [n, 2]: missing");
  }

  @Test
  void aRunAllocatesNothing() {
    Tensor a = scope.zeros(DType.F32, Shape.of(40, 2));
    Tensor b = scope.zeros(DType.F32, Shape.of(40, 2));
    var interpreter = new Interpreter(graph(), kernels, Map.of("a", a, "b", b), scope);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 200; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 100; i++) {
        interpreter.run();
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isLessThan(100);
  }
}
