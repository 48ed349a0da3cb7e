package dev.nagare.oracle;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Uniform;
import dev.nagare.nn.loss.BceWithLogitsLoss;
import dev.nagare.nn.loss.HuberLoss;
import dev.nagare.nn.loss.MaeLoss;
import dev.nagare.nn.loss.MseLoss;
import dev.nagare.nn.loss.QuantileLoss;
import dev.nagare.nn.loss.SoftmaxCrossEntropy;
import dev.nagare.nn.loss.SoftmaxCrossEntropy.Options;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;

/** Losses; in ATen a reduction of 1 is the mean. */
class LossOracleTest {

  @OracleTest
  void meanSquaredErrorAgrees(Candidate candidate) {
    agrees(candidate, "torch.mse_loss(x, y, 1)", new MseLoss()::forward);
  }

  @OracleTest
  void meanAbsoluteErrorAgrees(Candidate candidate) {
    agrees(candidate, "torch.l1_loss(x, y, 1)", new MaeLoss()::forward);
  }

  @OracleTest
  void huberAgrees(Candidate candidate) {
    agrees(candidate, "torch.huber_loss(x, y, 1, 0.7)", new HuberLoss(0.7)::forward);
  }

  /** PyTorch has none: the formula of the paper, whose gradient libtorch takes. */
  @OracleTest
  void quantileAgrees(Candidate candidate) {
    agrees(
        candidate,
        "torch.mean(torch.maximum((y - x) * 0.9, (y - x) * -0.1))",
        new QuantileLoss(0.9)::forward);
  }

  @OracleTest
  void binaryCrossEntropyAgrees(Candidate candidate) {
    agrees(
        candidate,
        "torch.binary_cross_entropy_with_logits(x, y, None, None, 1)",
        new BceWithLogitsLoss()::forward);
  }

  @OracleTest
  void binaryCrossEntropyWithAWeightOfThePositiveCaseAgrees(Candidate candidate) {
    agrees(
        candidate,
        "torch.binary_cross_entropy_with_logits(x, y, None, torch.full([1], 2.5, dtype=7), 1)",
        new BceWithLogitsLoss(2.5)::forward);
  }

  @OracleTest
  void crossEntropyAgrees(Candidate candidate) {
    crossEntropyAgrees(candidate, Options.DEFAULT, "None, 1, -100, 0.");
  }

  @OracleTest
  void crossEntropyWithSmoothingAgrees(Candidate candidate) {
    crossEntropyAgrees(candidate, Options.DEFAULT.withLabelSmoothing(0.1), "None, 1, -100, 0.1");
  }

  @OracleTest
  void crossEntropyWithClassWeightsAgrees(Candidate candidate) {
    crossEntropyAgrees(
        candidate,
        Options.DEFAULT.withClassWeights(List.of(1.0, 0.5, 2.0, 0.0, 3.0)),
        "w, 1, -100, 0.");
  }

  @OracleTest
  void crossEntropyWithSmoothingWeightsAndAnIgnoredLabelAgrees(Candidate candidate) {
    crossEntropyAgrees(
        candidate, new Options(0.2, List.of(1.0, 0.5, 2.0, 0.0, 3.0), 2), "w, 1, 2, 0.2");
  }

  private static void agrees(Candidate candidate, String theirs, BinaryOperator<Variable> ours) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", new Uniform(3), 4, 9);
      Parameter y = oracle.operand("y", new Uniform(3), 4, 9);
      oracle.agrees(theirs, tape -> ours.apply(tape.watch(x), tape.watch(y)));
    }
  }

  /** Six rows of five classes; {@code w} are the class weights that the tests use. */
  private static void crossEntropyAgrees(Candidate candidate, Options options, String rest) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", new Uniform(3), 6, 5);
      Tensor labels = numbers(oracle, candidate.dtype(), 4, 0, 2, 2, 1, 3);
      oracle.constant("labels", labels);
      oracle.constant("w", numbers(oracle, candidate.dtype(), 1, 0.5, 2, 0, 3));
      var loss = new SoftmaxCrossEntropy(options);
      oracle.agrees(
          "torch.cross_entropy_loss(x, torch.to(labels, 4), " + rest + ")",
          (Tape tape) -> loss.forward(tape.watch(x), tape.constant(labels)));
    }
  }

  private static Tensor numbers(Oracle oracle, DType dtype, double... values) {
    Tensor tensor = oracle.memory().empty(dtype, Shape.of(values.length));
    for (int i = 0; i < values.length; i++) {
      tensor.set(i, values[i]);
    }
    return tensor;
  }
}
