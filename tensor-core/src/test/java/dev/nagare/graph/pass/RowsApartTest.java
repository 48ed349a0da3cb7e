package dev.nagare.graph.pass;

import static dev.nagare.graph.pass.Example.BATCH;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.CumSum;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Softmax;
import dev.nagare.graph.op.Transpose;
import dev.nagare.graph.op.Unary;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowsApartTest {
  private static final Reduce MEAN_OF_ROWS = new Reduce(Reduce.Kind.MEAN, List.of(0), true);

  @Test
  void whatWorksOnEachRowLeavesRowsApart() {
    for (Operator operator :
        List.of(
            new Unary(Unary.Function.RELU),
            new Softmax(-1),
            new LayerNorm(-1, 1e-5),
            new Reduce(Reduce.Kind.SUM, List.of(1), true),
            new CumSum(1, false, false))) {
      assertThat(fault(operator)).as(operator.toString()).isEmpty();
    }
  }

  @Test
  void whatWorksAlongTheRowsDoesNot() {
    for (Operator operator :
        List.of(MEAN_OF_ROWS, new Softmax(0), new Softmax(-2), new CumSum(0, false, false))) {
      assertThat(fault(operator)).as(operator.toString()).startsWith("Node ");
    }
  }

  @Test
  void rowsMayMoveToAnotherAxisAndBack() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, Dim.of(3), Dim.of(4));
      Value turned = e.graph.add(new Transpose(List.of(1, 0, 2)), x);
      Value soft = e.graph.add(new Softmax(0), turned);
      e.graph.output("y", e.graph.add(new Transpose(List.of(1, 0, 2)), soft));
      assertThat(RowsApart.fault(e.graph, BATCH)).isEmpty();
    }
  }

  @Test
  void aReshapeLeavesRowsApartIfAsMuchIsBeforeThemAsWas() {
    assertThat(reshaped(BATCH, Dim.of(2), Dim.of(2), Dim.of(6))).isEqualTo("");
    assertThat(reshaped(Dim.of(4), Dim.ONE, BATCH, Dim.of(6))).isEqualTo("Node ");
    assertThat(reshaped(Dim.of(2), BATCH, Dim.of(12))).isEqualTo("Node ");
    try (var e = new Example()) {
      Value x = e.input("x", Dim.of(4), Dim.ONE, BATCH, Dim.of(6));
      Value squeezed = e.graph.add(new Reshape(List.of(Dim.of(4), BATCH, Dim.of(6))), x);
      e.graph.output("y", e.graph.add(new Softmax(0), squeezed));
      assertThat(RowsApart.fault(e.graph, BATCH)).isEmpty();
    }
  }

  /** How the fault begins that a reshape of {@code [batch, 4, 6]} has; empty for none. */
  private static String reshaped(Dim... to) {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, Dim.of(4), Dim.of(6));
      e.graph.output("y", e.graph.add(new Reshape(List.of(to)), x));
      String fault = RowsApart.fault(e.graph, BATCH);
      return fault.substring(0, Math.min(5, fault.length()));
    }
  }

  @Test
  void aDifferenceFromTheMeanOfAllRowsIsFoundThoughItsSizesLookWell() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, Dim.of(4));
      Value mean = e.graph.add(MEAN_OF_ROWS, x);
      e.graph.output("y", e.add(x, mean));
      assertThat(RowsApart.fault(e.graph, BATCH)).contains("reduce");
    }
  }

  @Test
  void rowsThatMeetInAProductOrInAnotherAxisAreFound() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, Dim.of(4));
      Value all = e.graph.add(new MatMul(false, true), x, x);
      e.graph.output("y", e.graph.add(new Softmax(1), all));
      assertThat(RowsApart.fault(e.graph, BATCH)).startsWith("Node ");
    }
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, Dim.of(4));
      Value flat = e.graph.add(new Reshape(List.of(BATCH.times(4))), x);
      e.graph.output("y", flat);
      assertThat(RowsApart.fault(e.graph, BATCH)).startsWith("Node ");
    }
  }

  private static String fault(Operator operator) {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, Dim.of(4));
      e.graph.output("y", e.graph.add(operator, x));
      return RowsApart.fault(e.graph, BATCH);
    }
  }
}
