package dev.nagare.models.online;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an online model is and how it learns. Part of every checkpoint: a state is refused by a
 * model of another configuration, and two models of the same configuration that saw the same rows
 * on the same kernels are the same, bit for bit.
 *
 * @param features values that describe a row, 1 or more
 * @param task what is predicted
 * @param network the network's size
 * @param training how it learns
 * @param guards when a step is taken back
 * @param scoreWindow rows in the windowed scores, 1 or more
 * @param seed of the initial weights and of every random number
 */
public record OnlineConfig(
    int features,
    Task task,
    Network network,
    Training training,
    Guards guards,
    int scoreWindow,
    long seed) {

  /** What is predicted. */
  public sealed interface Task {

    /**
     * The next rows of the stream; the label of a row is the rows after it.
     *
     * @param horizon rows ahead, 1 or more: the forecast is of all rows up to there, and a row is
     *     learned from when the last of them is in
     * @param season what a fresh model repeats: the row so many rows before the forecast one; 1
     *     repeats the last row; at most the window
     * @param huberDelta where the loss turns from quadratic to linear, in normalised units
     */
    record Forecast(int horizon, int season, double huberDelta) implements Task {
      public Forecast {
        require(horizon >= 1, "horizon", "at least 1", horizon);
        require(season >= 1, "season", "at least 1", season);
        require(huberDelta > 0, "huber delta", "more than 0", huberDelta);
      }
    }

    /**
     * One of some classes, by softmax and cross-entropy; the label comes with the row, and is an
     * input of the rows after it.
     *
     * @param classes labels are the whole numbers from 0 to {@code classes - 1}; 2 or more
     */
    record Classify(int classes) implements Task {
      public Classify {
        require(classes >= 2, "classes", "at least 2", classes);
      }
    }

    /**
     * One of some classes, as {@link Classify}, but learned from examples that hold their own
     * window: labels come later than the rows, in any order, or never.
     *
     * @param classes labels are the whole numbers from 0 to {@code classes - 1}; 2 or more
     */
    record ClassifyExamples(int classes) implements Task {
      public ClassifyExamples {
        require(classes >= 2, "classes", "at least 2", classes);
      }
    }
  }

  /**
   * The network's size.
   *
   * @param window rows that a prediction looks back on, and the length of back-propagation; 2 or
   *     more
   * @param hidden LSTM units, 1 or more
   * @param dropout fraction of the LSTM's outputs that a training step leaves out, from 0 up to but
   *     not including 1; the masks are functions of seed and step
   */
  public record Network(int window, int hidden, double dropout) {
    public Network {
      require(window >= 2, "window", "at least 2", window);
      require(hidden >= 1, "hidden", "at least 1", hidden);
      require(dropout >= 0 && dropout < 1, "dropout", "from 0 up to but not including 1", dropout);
    }
  }

  /**
   * How it learns: Adam, after linear warm-up, with cosine decay and clipping by the global norm.
   *
   * @param batch rows per optimizer step, 1 or more; a batch's edges are counted in rows since the
   *     first, whatever polls and restarts do
   * @param shards equal parts that a batch is cut into, a divisor of {@code batch}; gradients are
   *     added in the order of the parts, so that bits do not depend on who computed them
   * @param learningRate peak learning rate; 0 freezes the weights
   * @param warmUpSteps steps of linear warm-up from 0 to the peak
   * @param decaySteps steps of cosine decay after the warm-up
   * @param finalLearningRate learning rate after the decay, kept for ever
   * @param clipNorm largest global norm of a gradient
   */
  public record Training(
      int batch,
      int shards,
      double learningRate,
      long warmUpSteps,
      long decaySteps,
      double finalLearningRate,
      double clipNorm) {
    public Training {
      require(batch >= 1, "batch", "at least 1", batch);
      require(
          shards >= 1 && batch % shards == 0, "shards", "a divisor of the batch " + batch, shards);
      require(learningRate >= 0, "learning rate", "0 or more", learningRate);
      require(warmUpSteps >= 0, "warm-up steps", "0 or more", (double) warmUpSteps);
      require(decaySteps >= 0, "decay steps", "0 or more", (double) decaySteps);
      require(finalLearningRate >= 0, "final learning rate", "0 or more", finalLearningRate);
      require(clipNorm > 0, "clip norm", "more than 0", clipNorm);
    }
  }

  /**
   * When a step is taken back: its batch is quarantined, weights and optimizer go back together to
   * the last good copy, and the learning rate warms up again. A loss or gradient that is not finite
   * is always caught.
   *
   * @param snapshotSteps steps between copies of weights and optimizer, 1 or more
   * @param lossDeviations a loss so many standard deviations above its running mean is a spike, if
   *     it is also worse than knowing nothing, or than an error of the usual change; 0 for no such
   *     guard
   * @param normJump a step that multiplies the norm of the weights by more than this is a jump,
   *     above 1; 0 for no such guard
   * @param worseThanBaseline windowed error over that of the no-change baseline, above 1, beyond
   *     which, and 0.02 more, the model goes back; looked at once per score window; 0 for no such
   *     guard
   */
  public record Guards(
      int snapshotSteps, double lossDeviations, double normJump, double worseThanBaseline) {

    /** A forecaster's: loose enough for bursts and drift, see decision 0052. */
    public static final Guards DEFAULT = new Guards(100, 40, 2, 3);

    /** None but the one that is always there: what is not finite. */
    public static final Guards NONE = new Guards(100, 0, 0, 0);

    public Guards {
      require(snapshotSteps >= 1, "snapshot steps", "at least 1", snapshotSteps);
      require(lossDeviations >= 0, "loss deviations", "0 or more", lossDeviations);
      require(normJump == 0 || normJump > 1, "norm jump", "0 or above 1", normJump);
      require(
          worseThanBaseline == 0 || worseThanBaseline > 1,
          "worse than baseline",
          "0 or above 1",
          worseThanBaseline);
    }
  }

  public OnlineConfig {
    require(features >= 1, "features", "at least 1", features);
    require(scoreWindow >= 1, "score window", "at least 1", scoreWindow);
    if (task instanceof Task.Forecast forecast) {
      require(
          forecast.season <= network.window,
          "season",
          "at most the window " + network.window,
          forecast.season);
    }
  }

  /** A forecaster of the next row that suits a slowly changing signal of ten rows a second. */
  public static OnlineConfig forecaster(int features) {
    return new OnlineConfig(
        features,
        new Task.Forecast(1, 1, 0.3),
        new Network(32, 64, 0),
        new Training(1, 1, 3e-3, 200, 20_000, 5e-4, 1.0),
        Guards.DEFAULT,
        300,
        1);
  }

  /** A classifier that suits a stream whose classes drift; see decision 0051. */
  public static OnlineConfig classifier(int features, int classes) {
    return new OnlineConfig(
        features,
        new Task.Classify(classes),
        new Network(32, 32, 0),
        new Training(4, 1, 3e-3, 50, 10_000, 1e-3, 1.0),
        new Guards(100, 20, 2, 3),
        1000,
        1);
  }

  /** The same with another task. */
  public OnlineConfig withTask(Task other) {
    return new OnlineConfig(features, other, network, training, guards, scoreWindow, seed);
  }

  /** The same with another network. */
  public OnlineConfig withNetwork(Network other) {
    return new OnlineConfig(features, task, other, training, guards, scoreWindow, seed);
  }

  /** The same with another way to learn. */
  public OnlineConfig withTraining(Training other) {
    return new OnlineConfig(features, task, network, other, guards, scoreWindow, seed);
  }

  /** The same with other guards. */
  public OnlineConfig withGuards(Guards other) {
    return new OnlineConfig(features, task, network, training, other, scoreWindow, seed);
  }

  /** The same with another window of the scores. */
  public OnlineConfig withScoreWindow(int rows) {
    return new OnlineConfig(features, task, network, training, guards, rows, seed);
  }

  /** The same with another seed. */
  public OnlineConfig withSeed(long other) {
    return new OnlineConfig(features, task, network, training, guards, scoreWindow, other);
  }

  /** Every setting by the name that errors use, in order. */
  public Map<String, String> settings() {
    var all = new LinkedHashMap<String, String>();
    all.put("features", "" + features);
    switch (task) {
      case Task.Forecast forecast -> {
        all.put("task", "forecast");
        all.put("horizon", "" + forecast.horizon);
        all.put("season", "" + forecast.season);
        all.put("huber delta", "" + forecast.huberDelta);
      }
      case Task.Classify classify -> {
        all.put("task", "classify");
        all.put("classes", "" + classify.classes);
      }
      case Task.ClassifyExamples classify -> {
        all.put("task", "classify examples");
        all.put("classes", "" + classify.classes);
      }
    }
    all.put("window", "" + network.window);
    all.put("hidden", "" + network.hidden);
    all.put("dropout", "" + network.dropout);
    all.put("batch", "" + training.batch);
    all.put("shards", "" + training.shards);
    all.put("learning rate", "" + training.learningRate);
    all.put("warm-up steps", "" + training.warmUpSteps);
    all.put("decay steps", "" + training.decaySteps);
    all.put("final learning rate", "" + training.finalLearningRate);
    all.put("clip norm", "" + training.clipNorm);
    all.put("snapshot steps", "" + guards.snapshotSteps);
    all.put("loss deviations", "" + guards.lossDeviations);
    all.put("norm jump", "" + guards.normJump);
    all.put("worse than baseline", "" + guards.worseThanBaseline);
    all.put("score window", "" + scoreWindow);
    all.put("seed", "" + seed);
    return all;
  }

  /** Writes the {@link #settings()}: their number, then name and value of each. */
  void save(DataOutput out) throws IOException {
    Map<String, String> all = settings();
    out.writeInt(all.size());
    for (var setting : all.entrySet()) {
      out.writeUTF(setting.getKey());
      out.writeUTF(setting.getValue());
    }
  }

  /**
   * Refuses a state that was written with another configuration.
   *
   * @param in what {@link #save} wrote
   * @throws IllegalArgumentException that names every difference
   */
  void requireSame(DataInput in) throws IOException {
    var had = new LinkedHashMap<String, String>();
    for (int left = in.readInt(); left > 0; left--) {
      had.put(in.readUTF(), in.readUTF());
    }
    Map<String, String> wanted = settings();
    List<String> differences = new ArrayList<>();
    wanted.forEach(
        (name, value) -> {
          String before = had.remove(name);
          if (!value.equals(before)) {
            differences.add(
                name + (before == null ? " was not set" : " was " + before) + ", is now " + value);
          }
        });
    had.forEach((name, value) -> differences.add(name + " was " + value + ", is now not set"));
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "online model: the state was written with another configuration: "
              + String.join("; ", differences)
              + "; configure the model as it was, or start it afresh");
    }
  }

  private static void require(boolean holds, String name, String rule, double value) {
    if (!holds) {
      throw new IllegalArgumentException(
          "online model: " + name + " must be " + rule + ", got " + value);
    }
  }
}
