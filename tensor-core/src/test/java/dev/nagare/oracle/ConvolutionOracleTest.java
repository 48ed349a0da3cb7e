package dev.nagare.oracle;

import dev.nagare.nn.Conv1d;
import dev.nagare.nn.Conv2d;
import dev.nagare.nn.Parameter;
import dev.nagare.tensor.kernel.Window;

/** {@link Conv2d} and {@link Conv1d}. */
class ConvolutionOracleTest {

  @OracleTest
  void aDenseKernelAgrees(Candidate candidate) {
    agrees(candidate, new int[] {2, 3, 7, 6}, 5, Window.of(3, 3), 1, true);
  }

  @OracleTest
  void paddingAndStridesAgree(Candidate candidate) {
    agrees(
        candidate, new int[] {2, 4, 8, 9}, 6, Window.of(3, 5).stride(2, 3).padding(1, 2), 1, true);
  }

  @OracleTest
  void paddingWiderThanTheKernelAgrees(Candidate candidate) {
    agrees(candidate, new int[] {1, 2, 3, 2}, 3, Window.of(2, 3).padding(3, 4), 1, true);
  }

  @OracleTest
  void dilationAgrees(Candidate candidate) {
    agrees(
        candidate,
        new int[] {2, 3, 9, 10},
        4,
        Window.of(3, 2).dilation(2, 3).padding(2, 1).stride(1, 2),
        1,
        true);
  }

  @OracleTest
  void groupsAgree(Candidate candidate) {
    agrees(candidate, new int[] {3, 6, 5, 5}, 9, Window.of(3, 3).padding(1, 1), 3, true);
  }

  @OracleTest
  void groupsOfAsManyChannelsAsALaneAgree(Candidate candidate) {
    agrees(candidate, new int[] {2, 32, 5, 4}, 32, Window.of(3, 3).padding(1, 1), 2, true);
  }

  @OracleTest
  void depthwiseAgrees(Candidate candidate) {
    agrees(candidate, new int[] {2, 17, 6, 6}, 17, Window.of(3, 3).padding(1, 1), 17, true);
  }

  @OracleTest
  void depthwiseWithTwoResultsForEachChannelAgrees(Candidate candidate) {
    agrees(candidate, new int[] {2, 5, 6, 7}, 10, Window.of(3, 3).stride(2, 2), 5, false);
  }

  @OracleTest
  void withoutABiasItAgrees(Candidate candidate) {
    agrees(candidate, new int[] {2, 16, 6, 6}, 32, Window.of(3, 3).padding(1, 1), 1, false);
  }

  @OracleTest
  void aSinglePixelKernelAgrees(Candidate candidate) {
    agrees(candidate, new int[] {4, 7, 4, 5}, 9, Window.of(1, 1), 1, true);
    agrees(candidate, new int[] {4, 7, 5, 4}, 9, Window.of(1, 1).stride(2, 2), 1, false);
  }

  @OracleTest
  void aKernelAsLargeAsTheImageAgrees(Candidate candidate) {
    agrees(candidate, new int[] {3, 4, 5, 3}, 8, Window.of(5, 3), 1, true);
  }

  @OracleTest
  void aSequenceAgrees(Candidate candidate) {
    sequenceAgrees(candidate, 2, 3, 11, 5, 3, 1, 0, 1, 1, true);
  }

  @OracleTest
  void aSequenceWithStridePaddingAndDilationAgrees(Candidate candidate) {
    sequenceAgrees(candidate, 3, 4, 13, 6, 3, 2, 2, 2, 1, true);
  }

  @OracleTest
  void aSequenceInGroupsAgrees(Candidate candidate) {
    sequenceAgrees(candidate, 2, 6, 9, 4, 5, 1, 2, 1, 2, false);
    sequenceAgrees(candidate, 2, 16, 9, 16, 3, 1, 1, 1, 16, true);
  }

  private static void agrees(
      Candidate candidate, int[] image, int out, Window window, int groups, boolean withBias) {
    String rest =
        "weight, %s, [%d, %d], [%d, %d], [%d, %d], %d)"
            .formatted(
                withBias ? "bias" : "None",
                window.strideH(),
                window.strideW(),
                window.top(),
                window.left(),
                window.dilationH(),
                window.dilationW(),
                groups);
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", image[0], image[1], image[2], image[3]);
      var layer =
          oracle.include(new Conv2d(oracle.factory(), image[1], out, window, groups, withBias));
      oracle.agrees("torch.conv2d(x, " + rest, tape -> layer.forward(tape.watch(x)));
    }
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", image[0], image[2], image[3], image[1]);
      var layer =
          oracle.include(new Conv2d(oracle.factory(), image[1], out, window, groups, withBias));
      oracle.agrees(
          "torch.conv2d(torch.permute(x, [0, 3, 1, 2]), " + rest,
          tape -> layer.forward(tape.watch(x).permute(0, 3, 1, 2)));
    }
  }

  private static void sequenceAgrees(
      Candidate candidate,
      int n,
      int channels,
      int length,
      int out,
      int kernel,
      int stride,
      int padding,
      int dilation,
      int groups,
      boolean withBias) {
    String rest =
        "weight, %s, [%d], [%d], [%d], %d)"
            .formatted(withBias ? "bias" : "None", stride, padding, dilation, groups);
    for (boolean last : new boolean[] {false, true}) {
      try (var oracle = new Oracle(candidate)) {
        Parameter x =
            last
                ? oracle.operand("x", n, length, channels)
                : oracle.operand("x", n, channels, length);
        var layer =
            oracle.include(
                new Conv1d(
                    oracle.factory(),
                    channels,
                    out,
                    kernel,
                    stride,
                    padding,
                    dilation,
                    groups,
                    withBias));
        oracle.agrees(
            "torch.conv1d(" + (last ? "torch.transpose(x, 1, 2), " : "x, ") + rest,
            tape -> layer.forward(last ? tape.watch(x).transpose(1, 2) : tape.watch(x)));
      }
    }
  }
}
