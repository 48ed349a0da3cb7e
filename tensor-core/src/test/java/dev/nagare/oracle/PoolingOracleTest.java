package dev.nagare.oracle;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.AdaptiveAvgPool2d;
import dev.nagare.nn.AvgPool2d;
import dev.nagare.nn.GlobalAvgPool;
import dev.nagare.nn.MaxPool2d;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.kernel.Window;
import java.util.function.UnaryOperator;

/** {@link MaxPool2d}, {@link AvgPool2d}, {@link AdaptiveAvgPool2d} and {@link GlobalAvgPool}. */
class PoolingOracleTest {
  /** Whole numbers of which a window of four or more sees some twice. */
  private static final Initializer TIES =
      (tensor, random) -> {
        for (long i = 0; i < tensor.elements(); i++) {
          tensor.set(i, (double) (i * i % 3));
        }
      };

  @OracleTest
  void theLargestAgrees(Candidate candidate) {
    max(candidate, new Uniform(1), Window.of(2, 2).stride(2, 2), 2, 3, 7, 6);
    max(candidate, new Uniform(1), Window.of(3, 2).stride(1, 2), 1, 17, 5, 8);
  }

  @OracleTest
  void theLargestWithPaddingAgrees(Candidate candidate) {
    max(candidate, new Uniform(1), Window.of(3, 4).stride(2, 3).padding(1, 2), 2, 5, 7, 9);
  }

  @OracleTest
  void theLargestOfADilatedWindowAgrees(Candidate candidate) {
    max(candidate, new Uniform(1), Window.of(3, 2).dilation(2, 3).padding(1, 1), 2, 4, 8, 7);
  }

  @OracleTest
  void ofEqualValuesTheFirstGetsTheGradient(Candidate candidate) {
    max(candidate, TIES, Window.of(3, 3).padding(1, 1), 2, 4, 6, 5);
    max(candidate, TIES, Window.of(2, 2).stride(2, 2), 2, 18, 6, 4);
  }

  @OracleTest
  void theMeanAgreesWithAndWithoutItsPadding(Candidate candidate) {
    for (boolean counted : new boolean[] {true, false}) {
      mean(candidate, Window.of(2, 2).stride(2, 2), counted, 2, 3, 7, 6);
      mean(candidate, Window.of(3, 4).stride(2, 1).padding(1, 2), counted, 2, 5, 6, 7);
      mean(candidate, Window.of(5, 3).stride(1, 2).padding(2, 0), counted, 1, 17, 5, 8);
    }
  }

  @OracleTest
  void equalPartsAgree(Candidate candidate) {
    for (int[] parts : new int[][] {{1, 1}, {3, 2}, {4, 5}, {7, 6}, {9, 8}}) {
      agrees(
          candidate,
          new Uniform(1),
          "torch.adaptive_avg_pool2d(%s, [" + parts[0] + ", " + parts[1] + "])",
          new AdaptiveAvgPool2d(parts[0], parts[1])::forward,
          2,
          5,
          7,
          6);
    }
  }

  @OracleTest
  void theMeanOfAChannelAgrees(Candidate candidate) {
    agrees(
        candidate,
        new Uniform(1),
        "torch.mean(%s, [2, 3])",
        new GlobalAvgPool()::forward,
        3,
        19,
        5,
        4);
  }

  @OracleTest
  void sequencesAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 2, 5, 11);
      Window window = Window.of(1, 3).stride(1, 2).padding(0, 1);
      oracle.agrees(
          "torch.max_pool1d(x, [3], [2], [1], [1], False)", tape -> tape.watch(x).maxPool(window));
      oracle.agrees(
          "torch.avg_pool1d(x, [3], [2], [1], False, True)",
          tape -> tape.watch(x).averagePool(window, true));
      oracle.agrees(
          "torch.avg_pool1d(x, [3], [2], [1], False, False)",
          tape -> tape.watch(x).averagePool(window, false));
      oracle.agrees("torch.mean(x, [2])", tape -> tape.watch(x).globalAveragePool());
    }
  }

  @OracleTest
  void lastWindowsBeyondThePaddingAgree(Candidate candidate) {
    for (boolean counted : new boolean[] {true, false}) {
      mean(candidate, Window.of(2, 2).stride(2, 2), counted, true, 2, 3, 7, 6);
      mean(candidate, Window.of(3, 4).stride(2, 3).padding(1, 2), counted, true, 2, 5, 6, 7);
      mean(candidate, Window.of(3, 3).stride(3, 3).padding(1, 1), counted, true, 1, 17, 6, 8);
      mean(candidate, Window.of(2, 2).stride(3, 3).padding(1, 1), counted, true, 1, 2, 3, 4);
    }
    max(candidate, TIES, Window.of(2, 2).stride(2, 2), true, 2, 3, 7, 6);
    max(candidate, new Uniform(1), Window.of(3, 4).stride(2, 3).padding(1, 2), true, 2, 5, 6, 7);
    max(candidate, new Uniform(1), Window.of(2, 2).stride(3, 3).padding(1, 1), true, 1, 2, 3, 4);
    Window dilated = Window.of(3, 2).stride(2, 2).dilation(2, 3).padding(1, 1);
    max(candidate, new Uniform(1), dilated, true, 2, 4, 8, 7);
  }

  private static void max(Candidate candidate, Initializer values, Window window, int... image) {
    max(candidate, values, window, false, image);
  }

  private static void max(
      Candidate candidate, Initializer values, Window window, boolean ceil, int... image) {
    String theirs =
        "torch.max_pool2d(%%s, [%d, %d], [%d, %d], [%d, %d], [%d, %d], %s)"
            .formatted(
                window.kernelH(),
                window.kernelW(),
                window.strideH(),
                window.strideW(),
                window.top(),
                window.left(),
                window.dilationH(),
                window.dilationW(),
                ceil ? "True" : "False");
    agrees(candidate, values, theirs, new MaxPool2d(window, ceil)::forward, image);
  }

  private static void mean(Candidate candidate, Window window, boolean counted, int... image) {
    mean(candidate, window, counted, false, image);
  }

  private static void mean(
      Candidate candidate, Window window, boolean counted, boolean ceil, int... image) {
    String theirs =
        "torch.avg_pool2d(%%s, [%d, %d], [%d, %d], [%d, %d], %s, %s, None)"
            .formatted(
                window.kernelH(),
                window.kernelW(),
                window.strideH(),
                window.strideW(),
                window.top(),
                window.left(),
                ceil ? "True" : "False",
                counted ? "True" : "False");
    agrees(candidate, new Uniform(1), theirs, new AvgPool2d(window, counted, ceil)::forward, image);
  }

  /** Images that lie row-major and such that lie channels-last. */
  private static void agrees(
      Candidate candidate,
      Initializer values,
      String theirs,
      UnaryOperator<Variable> ours,
      int... image) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", values, image[0], image[1], image[2], image[3]);
      oracle.agrees(theirs.formatted("x"), tape -> ours.apply(tape.watch(x)));
    }
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", values, image[0], image[2], image[3], image[1]);
      oracle.agrees(
          theirs.formatted("torch.permute(x, [0, 3, 1, 2])"),
          tape -> ours.apply(tape.watch(x).permute(0, 3, 1, 2)));
    }
  }
}
