package dev.nagare.models.online;

import org.jspecify.annotations.Nullable;

/**
 * What one row did to a model. A view: its arrays are reused by the next {@link
 * OnlineModel#observe}.
 */
public final class StepReport {
  long version;
  boolean scored;
  boolean learned;
  boolean predicting;
  float loss;
  float gradientNorm;
  float learningRate;
  final float[] scoredPrediction;
  final float[] prediction;
  final PrequentialScores scores;

  StepReport(int features, PrequentialScores scores) {
    this.scoredPrediction = new float[features];
    this.prediction = new float[features];
    this.scores = scores;
  }

  /** The model's version after this row. */
  public long version() {
    return version;
  }

  /** Whether a forecast had been made for this row, and was scored. */
  public boolean scored() {
    return scored;
  }

  /** Whether an optimizer step was taken. */
  public boolean learned() {
    return learned;
  }

  /** Whether {@link #prediction()} is valid: false until the window is full. */
  public boolean predicting() {
    return predicting;
  }

  /** Huber loss of the row, in units of the usual change, before the step. */
  public float loss() {
    return loss;
  }

  /** Global norm of the gradient before clipping. */
  public float gradientNorm() {
    return gradientNorm;
  }

  /** Learning rate of the step. */
  public float learningRate() {
    return learningRate;
  }

  /** The forecast that had been made for this row, raw units; valid if {@link #scored()}. */
  public float[] scoredPrediction() {
    return scoredPrediction;
  }

  /** The forecast of the next row, raw units; valid if {@link #predicting()}. */
  public float[] prediction() {
    return prediction;
  }

  /** The running scores, after this row. */
  public PrequentialScores scores() {
    return scores;
  }

  /** The guard that took the step back; null if none did. */
  public @Nullable String guard() {
    return null;
  }

  /** Number of records whose step was taken back. */
  public int quarantined() {
    return 0;
  }

  /** Position of such a record. */
  public long quarantinedPosition(int index) {
    return index;
  }
}
