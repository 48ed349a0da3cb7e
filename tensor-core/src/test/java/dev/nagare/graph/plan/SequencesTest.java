package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Attention;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Gather;
import dev.nagare.graph.op.Linear;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SequencesTest {
  private static final int WIDTH = 24;

  static Graph encoder(ProcessMemory memory) {
    var graph = new Graph("encoder");
    Dim tokens = Dim.named("tokens");
    Value x = graph.input("x", DType.F32, tokens, Dim.of(WIDTH));
    Value positions = graph.input("positions", DType.I64, tokens);
    Value offsets = graph.input("offsets", DType.I64, Dim.named("offsets"));
    Value table = graph.constant("table", Networks.random(memory, 1, 32, WIDTH));
    Value placed =
        graph.add(new Binary(Binary.Function.ADD), x, graph.add(new Gather(0), table, positions));
    Value packed =
        graph.add(
            new Linear(List.of()),
            placed,
            graph.constant("w", Networks.random(memory, 2, WIDTH, 3 * WIDTH)));
    Value attended = graph.add(new Attention(4, 0.4, true, true), packed, offsets);
    graph.output("y", attended);
    return graph;
  }

  private static Tensor sequence(ProcessMemory memory, int length) {
    return Networks.random(memory, 100 + length, length, WIDTH);
  }

  /** Runs sequences of these lengths and answers the rows of one of them. */
  private static float[] run(ProcessMemory memory, Frame frame, int wanted, int... lengths) {
    Sequences sequences = frame.sequences();
    sequences.place(lengths, lengths.length);
    for (int i = 0; i < lengths.length; i++) {
      frame
          .input("x")
          .narrow(sequences.start(i), lengths[i])
          .copyFrom(sequence(memory, lengths[i]));
    }
    frame.run();
    Tensor rows = frame.output("y").narrow(sequences.start(wanted), lengths[wanted]);
    return rows.toFloats();
  }

  @Test
  void aSequencesBitsDependOnNoOtherAndNotOnTheBucket() {
    try (var memory = new ProcessMemory("test");
        Plan small = plan(memory, 16);
        Plan large = plan(memory, 31);
        PackedWeights smallWeights = small.pack();
        PackedWeights largeWeights = large.pack();
        Frame one = small.open(smallWeights);
        Frame two = large.open(largeWeights)) {
      float[] alone = run(memory, one, 0, 9);
      assertThat(run(memory, one, 1, 5, 9, 1)).isEqualTo(alone);
      assertThat(run(memory, two, 2, 1, 12, 9, 3)).isEqualTo(alone);
      assertThat(run(memory, one, 0, 9, 7)).isEqualTo(alone);
      assertThat(run(memory, one, 0, 9)).isEqualTo(alone);
      assertThatThrownBy(() -> run(memory, one, 0, 9, 8))
          .hasMessageContaining("2 with 17 tokens, expected at most 4 with 16");
    }
  }

  @Test
  void aFrameHasItsSequencesOnce() {
    try (var memory = new ProcessMemory("test");
        Plan plan = plan(memory, 16);
        PackedWeights weights = plan.pack();
        Frame one = plan.open(weights);
        Frame two = plan.open(weights)) {
      assertThat(one.sequences()).isSameAs(one.sequences()).isNotSameAs(two.sequences());
    }
  }

  private static Plan plan(ProcessMemory memory, long tokens) {
    return Plan.compile(
        encoder(memory),
        Map.of("tokens", tokens, "offsets", 5L),
        KernelProviders.best().kernels(),
        PlanOptions.DEFAULT);
  }
}
