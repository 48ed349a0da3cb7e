package dev.nagare.models.online;

import org.jspecify.annotations.Nullable;

/**
 * What one row did to a model. A view: its arrays are reused by the next {@link
 * OnlineModel#observe}.
 */
public final class StepReport {
  long version;
  long predictionVersion;
  boolean scored;
  boolean learned;
  boolean predicting;
  float loss;
  float gradientNorm;
  float learningRate;
  @Nullable Guard guard;
  final float[] scoredPrediction;
  final float[] prediction;
  final PrequentialScores scores;
  final long[] quarantinedPositions;
  final float[][] quarantinedRows;

  /**
   * An empty report.
   *
   * @param outputs numbers in a prediction
   * @param width of a row
   * @param batch most rows that a guard can quarantine at once
   */
  StepReport(int outputs, int width, int batch, PrequentialScores scores) {
    this.scoredPrediction = new float[outputs];
    this.prediction = new float[outputs];
    this.scores = scores;
    this.quarantinedPositions = new long[batch];
    this.quarantinedRows = new float[batch][width];
  }

  /** The model's version after this row. */
  public long version() {
    return version;
  }

  /**
   * The version that made {@link #prediction()}: a forecaster's after this row, a classifier's
   * before it.
   */
  public long predictionVersion() {
    return predictionVersion;
  }

  /** Whether a prediction had been made for this row, and was scored. */
  public boolean scored() {
    return scored;
  }

  /** Whether an optimizer step was taken and kept. */
  public boolean learned() {
    return learned;
  }

  /** Whether {@link #prediction()} is valid: false until the window is full. */
  public boolean predicting() {
    return predicting;
  }

  /**
   * Mean loss of the batch's rows, before the step; valid if {@link #learned()} or guarded. Huber,
   * in units of the usual change, or cross-entropy in nats.
   */
  public float loss() {
    return loss;
  }

  /** Global norm of the gradient before clipping; valid as {@link #loss()} is. */
  public float gradientNorm() {
    return gradientNorm;
  }

  /** Learning rate of the step; valid as {@link #loss()} is. */
  public float learningRate() {
    return learningRate;
  }

  /** What had been predicted for this row, as {@link #prediction()}; valid if {@link #scored()}. */
  public float[] scoredPrediction() {
    return scoredPrediction;
  }

  /**
   * The prediction, flattened in row-major order: the forecast of the next rows in raw units, or
   * the probabilities of this row's classes; valid if {@link #predicting()}.
   */
  public float[] prediction() {
    return prediction;
  }

  /** The running scores, after this row. */
  public PrequentialScores scores() {
    return scores;
  }

  /** Why the batch that this row ended was taken back; null if it was not. */
  public @Nullable Guard guard() {
    return guard;
  }

  /** Number of rows that were taken back. */
  public int quarantined() {
    return guard == null ? 0 : quarantinedPositions.length;
  }

  /** Their positions, oldest first; valid if there is a {@link #guard()}. */
  public long[] quarantinedPositions() {
    return quarantinedPositions;
  }

  /** Their rows, as they were given to {@link OnlineModel#observe}; valid as the positions are. */
  public float[][] quarantinedRows() {
    return quarantinedRows;
  }
}
