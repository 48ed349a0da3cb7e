package dev.nagare.models.online;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Hyper-parameters of an online LSTM forecaster. Part of the checkpoint: a state is refused by a
 * model of another configuration.
 *
 * @param features values per row, 1 or more
 * @param window rows that a forecast looks back on, and the length of back-propagation; 2 or more
 * @param hidden LSTM units, 1 or more
 * @param learningRate peak learning rate; 0 freezes the weights
 * @param warmUpSteps steps of linear warm-up from 0 to the peak
 * @param decaySteps steps of cosine decay after the warm-up
 * @param finalLearningRate learning rate after the decay, kept for ever
 * @param clipNorm largest global norm of a gradient
 * @param huberDelta where the loss turns from quadratic to linear, in normalised units
 * @param scoreWindow rows in the windowed scores
 * @param seed of the initial weights
 */
public record ForecasterConfig(
    int features,
    int window,
    int hidden,
    double learningRate,
    long warmUpSteps,
    long decaySteps,
    double finalLearningRate,
    double clipNorm,
    double huberDelta,
    int scoreWindow,
    long seed) {

  /** The settings that suit a slowly changing signal of about ten rows a second. */
  public static ForecasterConfig of(int features) {
    return new ForecasterConfig(features, 32, 64, 3e-3, 200, 20_000, 5e-4, 1.0, 0.3, 300, 1);
  }

  /** The same with another peak learning rate; 0 (with a final rate of 0) freezes the weights. */
  public ForecasterConfig withLearningRate(double peak, double last) {
    return new ForecasterConfig(
        features,
        window,
        hidden,
        peak,
        warmUpSteps,
        decaySteps,
        last,
        clipNorm,
        huberDelta,
        scoreWindow,
        seed);
  }

  /** The same with another seed. */
  public ForecasterConfig withSeed(long newSeed) {
    return new ForecasterConfig(
        features,
        window,
        hidden,
        learningRate,
        warmUpSteps,
        decaySteps,
        finalLearningRate,
        clipNorm,
        huberDelta,
        scoreWindow,
        newSeed);
  }

  public ForecasterConfig {
    require(features >= 1, "features", "at least 1", features);
    require(window >= 2, "window", "at least 2", window);
    require(hidden >= 1, "hidden", "at least 1", hidden);
    require(learningRate >= 0, "learningRate", "0 or more", learningRate);
    require(warmUpSteps >= 0, "warmUpSteps", "0 or more", (double) warmUpSteps);
    require(decaySteps >= 0, "decaySteps", "0 or more", (double) decaySteps);
    require(finalLearningRate >= 0, "finalLearningRate", "0 or more", finalLearningRate);
    require(clipNorm > 0, "clipNorm", "more than 0", clipNorm);
    require(huberDelta > 0, "huberDelta", "more than 0", huberDelta);
    require(scoreWindow >= 1, "scoreWindow", "at least 1", scoreWindow);
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(features);
    out.writeInt(window);
    out.writeInt(hidden);
    out.writeDouble(learningRate);
    out.writeLong(warmUpSteps);
    out.writeLong(decaySteps);
    out.writeDouble(finalLearningRate);
    out.writeDouble(clipNorm);
    out.writeDouble(huberDelta);
    out.writeInt(scoreWindow);
    out.writeLong(seed);
  }

  static ForecasterConfig load(DataInput in) throws IOException {
    return new ForecasterConfig(
        in.readInt(),
        in.readInt(),
        in.readInt(),
        in.readDouble(),
        in.readLong(),
        in.readLong(),
        in.readDouble(),
        in.readDouble(),
        in.readDouble(),
        in.readInt(),
        in.readLong());
  }

  /**
   * Refuses a checkpoint that was written with this configuration if another is wanted.
   *
   * @throws IllegalArgumentException that names every difference
   */
  void requireSame(ForecasterConfig wanted) {
    List<String> differences = new ArrayList<>();
    compare(differences, "features", features, wanted.features);
    compare(differences, "window", window, wanted.window);
    compare(differences, "hidden", hidden, wanted.hidden);
    compare(differences, "learning rate", learningRate, wanted.learningRate);
    compare(differences, "warm-up steps", warmUpSteps, wanted.warmUpSteps);
    compare(differences, "decay steps", decaySteps, wanted.decaySteps);
    compare(differences, "final learning rate", finalLearningRate, wanted.finalLearningRate);
    compare(differences, "clip norm", clipNorm, wanted.clipNorm);
    compare(differences, "huber delta", huberDelta, wanted.huberDelta);
    compare(differences, "score window", scoreWindow, wanted.scoreWindow);
    compare(differences, "seed", seed, wanted.seed);
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "forecaster: the checkpoint was written with another configuration: "
              + String.join(", ", differences)
              + "; configure the model as it was, or start it from an empty data folder");
    }
  }

  private static void compare(List<String> differences, String name, Object had, Object wanted) {
    if (!Objects.equals(had, wanted)) {
      differences.add(name + " was " + had + ", is now " + wanted);
    }
  }

  private static void require(boolean holds, String name, String rule, double value) {
    if (!holds) {
      throw new IllegalArgumentException(
          "forecaster: " + name + " must be " + rule + ", got " + value);
    }
  }
}
