package dev.nagare.oracle;

import dev.nagare.nn.Embedding;
import dev.nagare.nn.LearnedPositions;
import dev.nagare.nn.Parameter;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/** {@link Embedding} and {@link LearnedPositions}. */
class EmbeddingOracleTest {
  /** Some rows twice and more, the first and the last among them. */
  private static final double[] ROWS = {3, 0, 9, 3, 3, 5, 0, 9, 1, 2, 2, 3};

  @OracleTest
  void rowsThatComeTwiceAgree(Candidate candidate) {
    for (DType dtype : new DType[] {DType.I64, DType.I32, DType.F64}) {
      try (var oracle = new Oracle(candidate)) {
        Tensor rows = oracle.constant("rows", dtype, Shape.of(12), ROWS);
        var table = oracle.include(new Embedding(oracle.factory(), 10, 17));
        oracle.agrees(
            "torch.embedding(weight, torch.to(rows, 4), -1, False, False)",
            tape -> table.forward(tape, rows));
      }
    }
  }

  @OracleTest
  void thePaddingRowGetsNoGradient(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Tensor rows = oracle.constant("rows", DType.I64, Shape.of(3, 4), ROWS);
      var table = oracle.include(Embedding.padded(oracle.factory(), 10, 5, 3));
      oracle.agrees(
          "torch.embedding(weight, torch.to(rows, 4), 3, False, False)",
          tape -> table.forward(tape, rows));
    }
  }

  @OracleTest
  void learnedPositionsAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 3, 4, 9);
      var positions = oracle.include(new LearnedPositions(oracle.factory(), 11, 9));
      oracle.agrees("x + torch.narrow(weight, 0, 0, 4)", tape -> positions.forward(tape.watch(x)));
      oracle.agrees(
          "x + torch.narrow(weight, 0, 6, 4)", tape -> positions.forward(tape.watch(x), 6));
    }
  }
}
