package dev.nagare.models.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Dim;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutputSizesTest {
  private static final Dim BATCH = Dim.named("batch");
  private static final Dim SEQ = Dim.named("seq");
  private static final List<TensorSpec> INPUTS = List.of(spec(BATCH, SEQ), spec(BATCH, SEQ));

  private final ProcessMemory memory = new ProcessMemory("inputs");

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void areThoseOfInputsTimesThoseThatAreKnown() {
    assertThat(elements(3, 5, Dim.of(7))).isEqualTo(7);
    assertThat(elements(3, 5, BATCH, Dim.of(384))).isEqualTo(3 * 384);
    assertThat(elements(3, 5, BATCH, SEQ, Dim.of(384))).isEqualTo(3 * 5 * 384);
    assertThat(elements(3, 5)).isEqualTo(1); // a scalar
  }

  @Test
  void followFromExpressions() {
    assertThat(elements(3, 6, BATCH, SEQ.floorDiv(4).plus(1))).isEqualTo(3 * 2);
    assertThat(elements(3, 6, BATCH.times(SEQ))).isEqualTo(18);
    assertThat(elements(3, 1, SEQ.minus(Dim.ONE))).isZero();
  }

  @Test
  void moreThanCanBeCountedIsTheMost() {
    assertThat(elements(3, 5, BATCH, Dim.of(1L << 40), Dim.of(1L << 40))).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void inputsThatDifferInANameAreAFaultWhereItIsComputedWith() {
    var sizes = new OutputSizes(INPUTS, List.of(spec(SEQ.plus(1))));
    List<Tensor> differ = List.of(tensor(2, 3), tensor(2, 4));
    assertThatThrownBy(() -> sizes.elements(0, differ)).isInstanceOf(TensorException.class);
  }

  private long elements(long batch, long seq, Dim... output) {
    var sizes = new OutputSizes(INPUTS, List.of(spec(output)));
    return sizes.elements(0, List.of(tensor(batch, seq), tensor(batch, seq)));
  }

  private Tensor tensor(long batch, long seq) {
    return memory.zeros(DType.F32, Shape.of(batch, seq));
  }

  private static TensorSpec spec(Dim... dims) {
    return new TensorSpec("x", DType.F32, List.of(dims));
  }
}
