package dev.nagare.server.console;

import dev.nagare.server.Doors;
import dev.nagare.streaming.LearningEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Shows the page with made-up events, for those who work on it: port, and steps already done. */
public final class ConsolePreview {
  private static final List<String> FEATURES =
      List.of("cpu0", "cpu1", "load1", "memory", "net_rx", "net_tx", "disk_read", "disk_write");

  private final Random noise = new Random(1);
  private final ArrayDeque<Map<String, Double>> errors = new ArrayDeque<>();
  private float[] last = new float[FEATURES.size()];
  private float[] forecast = new float[FEATURES.size()];

  private ConsolePreview() {}

  /** Serves until killed. */
  public static void main(String[] args) {
    var doors = new Doors(Set.of(), Set.of(), Integer.parseInt(args[0]));
    doors.openModels();
    var preview = new ConsolePreview();
    var step = new AtomicLong();
    long warm = Long.parseLong(args[1]);
    long began = System.currentTimeMillis() - 100 * warm;
    for (int i = 0; i < warm; i++) {
      doors.model.emit(preview.next(step.get(), began + 100 * step.getAndIncrement()));
    }
    var _ =
        Executors.newSingleThreadScheduledExecutor()
            .scheduleAtFixedRate(
                () -> {
                  doors.model.emit(preview.next(step.get(), began + 100 * step.getAndIncrement()));
                  doors.model.learned(step.get());
                },
                0,
                100,
                TimeUnit.MILLISECONDS);
  }

  private LearningEvent next(long step, long time) {
    float[] truth = new float[FEATURES.size()];
    double t = step / 10.0;
    for (int i = 0; i < truth.length; i++) {
      double wave = 0.45 + 0.3 * Math.sin(t / (3 + i)) + 0.12 * Math.sin(t * 1.7 + i);
      double value = Math.clamp(wave + 0.05 * noise.nextGaussian(), 0.01, 1);
      truth[i] = (float) (i < 2 || i == 3 ? value : i == 2 ? 4 * value : 2.5e5 * (1 + i) * value);
    }
    double skill = Math.exp(-step / 400.0);
    var error = new LinkedHashMap<String, Double>();
    error.put("model", 0.28 + 0.6 * skill + 0.02 * noise.nextGaussian());
    error.put("repeat-last", 0.52 + 0.05 * Math.sin(t / 9) + 0.01 * noise.nextGaussian());
    error.put("ema-0.1", 0.7);
    error.put("ema-0.3", 0.47 + 0.04 * Math.sin(t / 9 + 1));
    error.put("ema-0.5", 0.49);
    errors.addLast(error);
    if (errors.size() > 300) {
      errors.removeFirst();
    }
    List<Float> scored = step < 32 ? List.of() : boxed(forecast);
    for (int i = 0; i < truth.length; i++) {
      float scale = i < 2 || i == 3 ? 1 : i == 2 ? 4 : 2.5e5f * (1 + i);
      forecast[i] =
          (float)
              Math.max(
                  0, truth[i] + 0.3 * (truth[i] - last[i]) + 0.04 * scale * noise.nextGaussian());
    }
    last = truth;
    return new LearningEvent(
        step + 1,
        Math.max(0, step - 32),
        0,
        step,
        time,
        FEATURES,
        boxed(truth),
        scored,
        boxed(forecast),
        (float) (0.05 + 0.4 * skill),
        (float) (0.003 * Math.min(1, step / 200.0)),
        (float) (0.4 + skill),
        "mae",
        mean(),
        error);
  }

  private Map<String, Double> mean() {
    var mean = new LinkedHashMap<String, Double>();
    errors.forEach(
        e -> e.forEach((name, value) -> mean.merge(name, value / errors.size(), Double::sum)));
    return mean;
  }

  private static List<Float> boxed(float[] values) {
    var list = new ArrayList<Float>(values.length);
    for (float value : values) {
      list.add(value);
    }
    return list;
  }
}
