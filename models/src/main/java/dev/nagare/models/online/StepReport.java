package dev.nagare.models.online;

/**
 * What one row did to a model. A view: its arrays are reused by the next {@link
 * OnlineModel#observe}.
 */
public final class StepReport {
  long version;
  boolean scored;
  boolean learned;
  boolean forecasting;
  float loss;
  float gradientNorm;
  float learningRate;
  final float[] scoredForecast;
  final float[] forecast;
  final PrequentialScores scores;

  StepReport(int features, PrequentialScores scores) {
    this.scoredForecast = new float[features];
    this.forecast = new float[features];
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

  /** Whether {@link #forecast()} is valid: false until the window is full. */
  public boolean forecasting() {
    return forecasting;
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
  public float[] scoredForecast() {
    return scoredForecast;
  }

  /** The forecast of the next row, raw units; valid if {@link #forecasting()}. */
  public float[] forecast() {
    return forecast;
  }

  /** The running scores, after this row. */
  public PrequentialScores scores() {
    return scores;
  }
}
