package dev.nagare.oracle;

import dev.nagare.nn.Parameter;
import dev.nagare.nn.ResidualBlock;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/** {@link ResidualBlock}. */
class ResidualBlockOracleTest {
  private static final String NORM =
      "torch.batch_norm(%1$s, %2$s_weight, %2$s_bias, torch.clone(zero), torch.clone(one), %3$s, 0.1,"
          + " 1e-05, False)";

  @OracleTest
  void aBlockThatKeepsItsShapeAgrees(Candidate candidate) {
    agrees(candidate, true, 6, 6, 1);
  }

  @OracleTest
  void aBlockThatHalvesTheImageAgrees(Candidate candidate) {
    agrees(candidate, true, 4, 8, 2);
  }

  @OracleTest
  void aBlockWithMoreChannelsAgrees(Candidate candidate) {
    agrees(candidate, true, 4, 16, 1);
  }

  @OracleTest
  void inInferenceItAgrees(Candidate candidate) {
    agrees(candidate, false, 4, 8, 2);
    agrees(candidate, false, 5, 5, 1);
  }

  private static void agrees(Candidate candidate, boolean training, int in, int out, int stride) {
    String mode = training ? "True" : "False";
    String shortcut =
        in == out && stride == 1
            ? "s = x\n"
            : "s = torch.conv2d(x, downsample_0_weight, None, [%1$d, %1$d])\ns = ".formatted(stride)
                + NORM.formatted("s", "downsample_1", mode)
                + "\n";
    String body =
        "y = torch.conv2d(x, conv1_weight, None, [%1$d, %1$d], [1, 1])\ny = torch.relu("
                .formatted(stride)
            + NORM.formatted("y", "bn1", mode)
            + ")\ny = torch.conv2d(y, conv2_weight, None, [1, 1], [1, 1])\ny = "
            + NORM.formatted("y", "bn2", mode)
            + "\n"
            + shortcut
            + "return [torch.relu(y + s)]";
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 3, in, 6, 8);
      double[] ones = new double[out];
      Arrays.fill(ones, 1);
      oracle.constant("zero", DType.F64, Shape.of(out), new double[out]);
      oracle.constant("one", DType.F64, Shape.of(out), ones);
      var block = oracle.includeStirred(new ResidualBlock(oracle.factory(), in, out, stride));
      block.train(training);
      oracle.agree(body, tape -> List.of(block.forward(tape.watch(x))));
    }
  }
}
