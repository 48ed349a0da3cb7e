package dev.nagare.oracle;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Uniform;
import java.util.Arrays;
import java.util.List;

/** Sums, means, extremes and variances over axes. */
class ReductionOracleTest {
  private static final int[][] AXES = {{0}, {1}, {-1}, {0, 2}, {1, 2}, {0, 1, 2}};

  private static final Initializer TIES =
      (tensor, random) -> {
        for (long i = 0; i < tensor.elements(); i++) {
          tensor.set(i, (double) (i * i % 3));
        }
      };

  private interface Reduction {
    Variable apply(Variable x, boolean keep, int... axes);
  }

  @OracleTest
  void sumsAgree(Candidate candidate) {
    agrees(candidate, new Uniform(1), "torch.sum(%s, %s, %s)", Variable::sum);
  }

  @OracleTest
  void meansAgree(Candidate candidate) {
    agrees(candidate, new Uniform(1), "torch.mean(%s, %s, %s)", Variable::mean);
  }

  @OracleTest
  void extremesAgree(Candidate candidate) {
    agrees(candidate, new Uniform(1), "torch.amax(%s, %s, %s)", Variable::max);
    agrees(candidate, new Uniform(1), "torch.amin(%s, %s, %s)", Variable::min);
  }

  @OracleTest
  void equalExtremesShareTheGradient(Candidate candidate) {
    agrees(candidate, TIES, "torch.amax(%s, %s, %s)", Variable::max);
    agrees(candidate, TIES, "torch.amin(%s, %s, %s)", Variable::min);
  }

  @OracleTest
  void variancesAgree(Candidate candidate) {
    for (int correction = 0; correction < 2; correction++) {
      int less = correction;
      agrees(
          candidate,
          new Uniform(1),
          "torch.var(%s, %s, correction=" + correction + ", keepdim=%s)",
          (x, keep, axes) -> x.var(less, keep, axes));
    }
  }

  @OracleTest
  void theLargestFewAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 4, 7, 5);
      for (boolean largest : new boolean[] {true, false}) {
        oracle.agree(
            "y, _, = torch.topk(x, 3, 1, " + (largest ? "True" : "False") + ")\nreturn [y]",
            tape -> List.of(tape.watch(x).topK(3, 1, largest).values()));
      }
    }
  }

  private static void agrees(
      Candidate candidate, Initializer values, String theirs, Reduction ours) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", values, 4, 5, 19);
      for (int[] axes : AXES) {
        for (boolean keep : new boolean[] {true, false}) {
          String how = keep ? "True" : "False";
          String list = Arrays.toString(axes);
          oracle.agrees(
              theirs.formatted("x", list, how), tape -> ours.apply(tape.watch(x), keep, axes));
          oracle.agrees(
              theirs.formatted("torch.permute(x, [2, 0, 1])", list, how),
              tape -> ours.apply(tape.watch(x).permute(2, 0, 1), keep, axes));
        }
      }
    }
  }
}
