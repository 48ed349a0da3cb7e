package dev.nagare.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.nn.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the comparison finds: a test that cannot fail shows nothing. */
class OracleItselfTest {

  @Test
  void itIsTheLibtorchThatTheBenchmarksMeasure() {
    assertThat(Libtorch.version()).isEqualTo("2.7.1");
  }

  @OracleTest
  void anotherFunctionIsFound(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 4);
      assertThatThrownBy(() -> oracle.agrees("torch.tanh(x)", tape -> tape.watch(x).sigmoid()))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("result 0, element 0");
    }
  }

  @OracleTest
  void aGradientThatIsCutIsFound(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 4);
      assertThatThrownBy(
              () ->
                  oracle.agrees(
                      "x * x",
                      tape -> tape.watch(x).mul(tape.constant(x.value())))) // half of the gradient
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("gradient of x, element 0");
    }
  }

  @OracleTest
  void anErrorOfFourTimesTheBoundIsFound(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 4);
      String off = "torch.abs(x) + " + 4 * candidate.error();
      assertThatThrownBy(() -> oracle.agrees(off, tape -> tape.watch(x).abs()))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("result 0");
    }
  }

  @Test
  void anotherShapeIsFound() {
    try (var oracle = new Oracle(Candidate.SCALAR_F64)) {
      Parameter x = oracle.operand("x", 4);
      assertThatThrownBy(
              () ->
                  oracle.agree(
                      "return [torch.unsqueeze(x, 0)]", tape -> List.of(tape.watch(x).tanh())))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("shape of result 0");
    }
  }

  @Test
  void anOperatorThatLibtorchDoesNotHaveIsNamed() {
    try (var oracle = new Oracle(Candidate.SCALAR_F64)) {
      Parameter x = oracle.operand("x", 4);
      assertThatThrownBy(() -> oracle.agrees("torch.tanhh(x)", tape -> tape.watch(x).tanh()))
          .hasMessageContaining("tanhh");
    }
  }
}
