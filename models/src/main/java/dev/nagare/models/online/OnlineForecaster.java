package dev.nagare.models.online;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.loss.HuberLoss;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Forecasts the next rows of a stream.
 *
 * <p>One row: the scales take it in; the forecast that ended with it, made {@code horizon} rows
 * ago, is scored; the network learns from the window that this forecast looked back on, whose every
 * row has the {@code horizon} rows after it as label; then the next rows are forecast from the new
 * window. The first {@code window} rows only fill the window.
 *
 * <p>Version 0 repeats the season, whatever the scales.
 */
public final class OnlineForecaster extends OnlineLstm implements Examples {
  /** An error counts at most so many scales: a single absurd value must not hide all others. */
  private static final double LARGEST_ERROR = 100;

  private final ForecastEncoding encoding;
  private final int horizon;
  private final HuberLoss huber;
  private final Baselines baselines;
  private final double[] errors;

  /** The forecasts that no label has reached yet, and what the baselines said at the time. */
  private final float[][] pending;

  private final float[][][] pendingBaselines;

  private final int newest;
  private final Tensor raw;
  private final Tensor inputs;
  private final Tensor labels;

  OnlineForecaster(OnlineConfig config, OnlineConfig.Task.Forecast task, Compute compute) {
    this(
        config,
        task,
        new ForecastEncoding(config.features(), task.horizon(), task.season()),
        compute);
  }

  private OnlineForecaster(
      OnlineConfig config,
      OnlineConfig.Task.Forecast task,
      ForecastEncoding encoding,
      Compute compute) {
    super(config, encoding, compute, emptyScores(config, task));
    this.encoding = encoding;
    this.horizon = task.horizon();
    this.huber = new HuberLoss(task.huberDelta());
    this.baselines = new Baselines(config.features());
    this.errors = new double[scores.names().size()];
    this.pending = new float[horizon][encoding.outputs()];
    this.pendingBaselines = new float[horizon][baselines.forecasts.length][config.features()];
    this.newest = config.training().batch() / config.training().shards();
    int steps = config.network().window() - 1 + newest;
    this.raw = memory.zeros(DType.F32, Shape.of(1, steps, config.features()));
    this.inputs = memory.zeros(DType.F32, Shape.of(1, steps, encoding.inputs()));
    this.labels = memory.zeros(DType.F32, Shape.of(1, steps, encoding.outputs()));
  }

  private static PrequentialScores emptyScores(
      OnlineConfig config, OnlineConfig.Task.Forecast task) {
    List<String> names = new ArrayList<>(List.of("model", "repeat-last"));
    Baselines.ALPHAS.forEach(alpha -> names.add("ema-" + alpha));
    if (task.season() > 1) {
      names.add("repeat-season");
    }
    int baseline = task.season() > 1 ? names.size() - 1 : 1;
    return new PrequentialScores(
        PrequentialScores.Measure.MAE, names, baseline, config.scoreWindow());
  }

  @Override
  void take(float[] row, long position) {
    scale.add(row, history);
    history.add(row);
    long count = history.count();
    int slot = (int) (count % horizon);
    report.scored = count >= config.network().window() + (long) horizon;
    if (report.scored) {
      score(slot);
    }
    if (count >= config.network().window() + horizon + encoding.season() - 1L) {
      learn(row, position, this);
    }
    baselines.add(row);
    report.predicting = isFull();
    if (report.predicting) {
      predict();
      System.arraycopy(report.prediction, 0, pending[slot], 0, report.prediction.length);
      for (int b = 0; b < baselines.forecasts.length; b++) {
        System.arraycopy(baselines.forecasts[b], 0, pendingBaselines[slot][b], 0, row.length);
      }
    }
  }

  private void score(int slot) {
    float[] forecast = pending[slot];
    System.arraycopy(forecast, 0, report.scoredPrediction, 0, forecast.length);
    int features = config.features();
    for (int column = 0; column < errors.length; column++) {
      double sum = 0;
      for (int h = 1; h <= horizon; h++) {
        for (int f = 0; f < features; f++) {
          double unit = scale.spread.get(f);
          if (unit > 0) {
            double guess =
                switch (column) {
                  case 0 -> forecast[(h - 1) * features + f];
                  case 5 -> history.get(horizon + encoding.base(h), f);
                  default -> pendingBaselines[slot][column - 1][f];
                };
            double error = Math.abs(guess - history.get(horizon - h, f)) / unit;
            sum += Math.min(error, LARGEST_ERROR);
          }
        }
      }
      errors[column] = sum / (horizon * features);
    }
    scores.add(errors);
  }

  @Override
  public int newest() {
    return newest;
  }

  @Override
  public Tensor inputs(int shard) {
    int back = horizon + (config.training().shards() - 1 - shard) * newest;
    history.copyTo(raw, back);
    encoding.encode(live, raw, inputs);
    encoding.label(live, history, back, labels);
    return inputs;
  }

  @Override
  public Variable loss(Tape tape, Variable outputs, int rows) {
    int steps = (int) labels.dim(1);
    if (rows == steps) {
      return huber.forward(outputs, tape.constant(labels));
    }
    Tensor last = labels.reshape(steps, encoding.outputs()).narrow(steps - rows, rows);
    return huber.forward(
        outputs.lastSteps(rows), tape.constant(last.reshape(1, rows, encoding.outputs())));
  }

  @Override
  void saveTask(DataOutput out) throws IOException {
    baselines.save(out);
    for (int i = 0; i < horizon; i++) {
      StateTensors.write(pending[i], out);
      for (float[] forecast : pendingBaselines[i]) {
        StateTensors.write(forecast, out);
      }
    }
  }

  @Override
  void loadTask(DataInput in) throws IOException {
    baselines.load(in);
    for (int i = 0; i < horizon; i++) {
      StateTensors.read(pending[i], in);
      for (float[] forecast : pendingBaselines[i]) {
        StateTensors.read(forecast, in);
      }
    }
  }
}
