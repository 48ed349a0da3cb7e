package dev.nagare.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.DType;
import org.junit.jupiter.api.Test;

class GraphTest {
  private final Graph graph = new Graph("test");
  private final Value x = graph.input("x", DType.F32, Dim.of(3));
  private final Value made = graph.add(new Unary(Unary.Function.EXP), x);
  private final Value twice = graph.add(new Binary(Binary.Function.ADD), made, made);

  @Test
  void aNodeThatReadsAValueTwiceIsTwoUsesAndOneReader() {
    graph.output("y", made);
    assertThat(graph.uses(made)).isEqualTo(3);
    assertThat(graph.readers(made)).containsExactly(twice.producer());
  }

  @Test
  void whoReadAValueReadsItsReplacement() {
    graph.output("y", made);
    graph.replace(made, x);
    assertThat(graph.uses(made)).isZero();
    assertThat(graph.uses(x)).isEqualTo(4);
    assertThat(graph.outputs()).containsExactly(x);
    Graph copy = graph.copy();
    assertThat(copy.uses(copy.inputs().getFirst())).isEqualTo(4);
  }

  @Test
  void aNodeThatIsReadStaysAndOneThatWasRemovedReadsNothing() {
    Node exp = graph.nodes().get(0);
    Node add = graph.nodes().get(1);
    assertThatThrownBy(() -> graph.remove(exp)).hasMessageContaining("is read");
    graph.remove(add);
    assertThat(graph.uses(made)).isZero();
    graph.remove(exp);
    assertThat(graph.uses(x)).isZero();
    assertThat(graph.nodes()).isEmpty();
  }
}
