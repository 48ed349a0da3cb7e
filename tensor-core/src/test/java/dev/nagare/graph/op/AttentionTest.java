package dev.nagare.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionTest {
  private final Kernels kernels = KernelProviders.byName("scalar").kernels();

  private static Tensor random(ProcessMemory memory, long... dims) {
    Tensor tensor = memory.empty(DType.F32, Shape.of(dims));
    var random = new CounterRandom(tensor.elements(), 0, 0);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, random.uniform((int) i) - 0.5);
    }
    return tensor;
  }

  private Tensor run(ProcessMemory memory, Attention op, Shape out, Tensor... inputs) {
    Tensor y = memory.empty(DType.F32, out);
    op.prepare(kernels, List.of(inputs), List.of(y), memory).run();
    return y;
  }

  @Test
  void columnsThatHeadsDoNotShareEvenlyAreRefused() {
    Fact x = Fact.of(DType.F32, List.of(Dim.named("n"), Dim.of(4), Dim.of(9)));
    assertThatThrownBy(() -> new Attention(2, 1).infer(List.of(x, x, x)))
        .hasMessageContaining("expected columns that 2 heads share evenly");
    assertThat(new Attention(1, 1, true, false).infer(List.of(x)).getFirst().dim(2))
        .isEqualTo(Dim.of(3));
    assertThatThrownBy(
            () -> new Attention(3, 1).infer(List.of(x, x, x, Fact.of(DType.F32, 1, 1, 1, 5))))
        .hasMessageContaining("does not broadcast to the scores [n, 3, 4, 4]");
  }

  @Test
  void packedColumnsAreQueriesKeysAndValues() {
    try (var memory = new ProcessMemory("test")) {
      Tensor packed = random(memory, 2, 3, 12);
      Shape out = Shape.of(2, 3, 4);
      Tensor apart =
          run(
              memory,
              new Attention(2, 0.5),
              out,
              packed.narrow(2, 0, 4).contiguous(memory),
              packed.narrow(2, 4, 4).contiguous(memory),
              packed.narrow(2, 8, 4).contiguous(memory));
      Tensor together = run(memory, new Attention(2, 0.5, true, false), out, packed);
      assertThat(together.toFloats()).isEqualTo(apart.toFloats());
    }
  }

  @Test
  void aMaskForKeysHidesThem() {
    try (var memory = new ProcessMemory("test")) {
      Tensor packed = random(memory, 1, 3, 12);
      Tensor mask = memory.of(Shape.of(1, 1, 1, 3), 0, 0, -1e9f);
      var op = new Attention(2, 0.5, true, false);
      Tensor hidden = run(memory, op, Shape.of(1, 3, 4), packed, mask);
      Tensor two = packed.narrow(1, 0, 2).contiguous(memory);
      Tensor shorter = run(memory, op, Shape.of(1, 2, 4), two);
      for (int i = 0; i < 8; i++) {
        assertThat(hidden.get(i)).isCloseTo(shorter.get(i), within(1e-6));
      }
    }
  }

  @Test
  void raggedSequencesAttendToThemselvesAndRowsOfNoneAreZero() {
    try (var memory = new ProcessMemory("test")) {
      Tensor packed = random(memory, 45, 12);
      Tensor offsets = memory.ofLongs(Shape.of(5), 0, 3, 3, 43, 43);
      var ragged = new Attention(2, 0.5, true, true);
      Tensor all = run(memory, ragged, Shape.of(45, 4), packed, offsets);
      var padded = new Attention(2, 0.5, true, false);
      Tensor first = run(memory, padded, Shape.of(1, 3, 4), packed.narrow(0, 3).unsqueeze(0));
      Tensor second = run(memory, padded, Shape.of(1, 40, 4), packed.narrow(3, 40).unsqueeze(0));
      for (int i = 0; i < 43 * 4; i++) {
        double expected = i < 12 ? first.get(i) : second.get(i - 12);
        assertThat(all.get(i)).isCloseTo(expected, within(1e-6));
      }
      assertThat(all.narrow(43, 2).contiguous(memory).toFloats()).containsOnly(0);
    }
  }
}
