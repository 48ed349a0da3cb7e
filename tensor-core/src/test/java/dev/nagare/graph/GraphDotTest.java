package dev.nagare.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphDotTest {

  @Test
  void nodesAreBoxesWithTheirConstantsAndEdgesCarryShapes() {
    try (var memory = new ProcessMemory("test")) {
      var graph = new Graph("a \"b\"");
      Value x = graph.input("x", DType.F32, Dim.named("batch"), Dim.of(2));
      Value w = graph.constant("w", memory.zeros(DType.F32, Shape.of(2, 3)));
      Value y = graph.add(new Linear(List.of()), x, w, null);
      graph.output("probability", graph.add(new Unary(Unary.Function.SIGMOID), y));
      assertThat(GraphDot.of(graph))
          .isEqualTo(
              """
              digraph "a \\"b\\"" {
                node [shape=box, fontname="sans-serif"];
                in0 [shape=ellipse, label="x"];
                n0 [label="linear\\nw [2, 3]"];
                in0 -> n0 [label="F32 [batch, 2]"];
                n1 [label="Unary[function=SIGMOID]"];
                n0 -> n1 [label="F32 [batch, 3]"];
                out0 [shape=ellipse, label="probability"];
                n1 -> out0 [label="F32 [batch, 3]"];
              }
              """);
    }
  }
}
