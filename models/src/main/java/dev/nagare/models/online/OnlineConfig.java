package dev.nagare.models.online;

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
     *     repeats the last row
     * @param huberDelta where the loss turns from quadratic to linear, in normalised units
     */
    record Forecast(int horizon, int season, double huberDelta) implements Task {}

    /**
     * One of some classes, by softmax and cross-entropy; the label comes with the row, and is an
     * input of the rows after it.
     *
     * @param classes labels are the whole numbers from 0 to {@code classes - 1}; 2 or more
     */
    record Classify(int classes) implements Task {}
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
  public record Network(int window, int hidden, double dropout) {}

  /**
   * How it learns: Adam, after linear warm-up, with cosine decay and clipping by the global norm.
   *
   * @param batch rows per optimizer step, 1 or more; a batch's edges are counted in rows since the
   *     first, whatever polls and restarts do
   * @param shards parts that a batch is cut into, 1 to {@code batch}; gradients are added in the
   *     order of the parts, so that bits do not depend on who computed them
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
      double clipNorm) {}

  /**
   * When a step is taken back: its batch is quarantined, weights and optimizer go back together to
   * the last good copy, and the learning rate warms up again. A loss or gradient that is not finite
   * is always caught.
   *
   * @param snapshotSteps steps between copies of weights and optimizer, 1 or more
   * @param lossDeviations a loss so many standard deviations above its running mean is a spike; 0
   *     for no such guard
   * @param normJump a step that multiplies the norm of the weights by more than this is a jump,
   *     above 1; 0 for no such guard
   * @param worseThanBaseline windowed error over that of the no-change baseline, above 1, beyond
   *     which the model goes back; looked at once per score window; 0 for no such guard
   */
  public record Guards(
      int snapshotSteps, double lossDeviations, double normJump, double worseThanBaseline) {}
}
