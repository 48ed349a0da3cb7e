package dev.nagare.oracle;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.BatchNorm1d;
import dev.nagare.nn.BatchNorm2d;
import dev.nagare.nn.Layer;
import dev.nagare.nn.Module;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@link BatchNorm1d} and {@link BatchNorm2d}, in training and in inference. */
class BatchNormOracleTest {
  private static final double EPSILON = 1e-5;

  @OracleTest
  void featuresAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      agrees(oracle, new BatchNorm1d(oracle.factory(), 7, EPSILON, 0.3), false, 5, 7);
    }
  }

  @OracleTest
  void aBatchOfTwoAgrees(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      agrees(oracle, new BatchNorm1d(oracle.factory(), 4, EPSILON, 0.3), false, 2, 4);
    }
  }

  @OracleTest
  void sequencesAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      agrees(oracle, new BatchNorm1d(oracle.factory(), 5, EPSILON, 0.3), false, 3, 5, 6);
    }
  }

  @OracleTest
  void imagesAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      agrees(oracle, new BatchNorm2d(oracle.factory(), 18, EPSILON, 0.3), false, 3, 18, 4, 5);
    }
  }

  @OracleTest
  void imagesThatLieChannelsLastAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      agrees(oracle, new BatchNorm2d(oracle.factory(), 6, EPSILON, 0.3), true, 2, 5, 4, 6);
    }
  }

  /** More values than the kernels sum in one block. */
  @OracleTest
  void manyValuesOfAFewChannelsAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      agrees(oracle, new BatchNorm2d(oracle.factory(), 3, EPSILON, 0.3), true, 4, 31, 29, 3);
    }
  }

  /** Three steps of training, then one of inference. */
  private static <M extends Module & Layer> void agrees(
      Oracle oracle, M layer, boolean channelsLast, long... dims) {
    var included = oracle.includeStirred(layer);
    Parameter x = oracle.operand("x", dims);
    Map<String, Tensor> buffers = layer.namedBuffers();
    Tensor mean = Objects.requireNonNull(buffers.get("running_mean"));
    Tensor variance = Objects.requireNonNull(buffers.get("running_var"));
    for (int step = 0; step < 4; step++) {
      included.train(step < 3);
      // Each step is wider than the one before, so that the running statistics move.
      new Uniform(1 + step).fill(x.value(), new CounterRandom(5, step, 0));
      oracle.constant("mean", mean.keep(oracle.memory()));
      oracle.constant("var", variance.keep(oracle.memory()));
      oracle.agree(
          """
          y = torch.batch_norm(%s, weight, bias, mean, var, %s, 0.3, 1e-05, False)
          return [y, mean, var]"""
              .formatted(
                  channelsLast ? "torch.permute(x, [0, 3, 1, 2])" : "x",
                  included.isTraining() ? "True" : "False"),
          tape -> {
            Variable batch = tape.watch(x);
            Variable y = included.forward(channelsLast ? batch.permute(0, 3, 1, 2) : batch);
            return List.of(y, tape.constant(mean), tape.constant(variance));
          });
    }
  }
}
