package dev.nagare.loadtest.bench.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.StringJoiner;

/** Questions in a model's topic, answered in its predictions: nothing is learned from them. */
final class ScoreTask implements LogTask {
  private static final int WINDOW = 16;
  private static final int FEATURES = 4;
  private static final int DIFFERENT = 1000;
  private static final int MOST = 100_000;

  private final List<byte[]> questions = new ArrayList<>(DIFFERENT);

  ScoreTask() {
    var random = new SplittableRandom(1);
    for (int i = 0; i < DIFFERENT; i++) {
      questions.add(question(random));
    }
  }

  private static byte[] question(SplittableRandom random) {
    var data = new StringJoiner(",");
    for (int i = 0; i < WINDOW * FEATURES; i++) {
      data.add(String.format(Locale.ROOT, "%.4f", random.nextDouble(-1, 1)));
    }
    return """
        {"inputs":[{"name":"window","datatype":"FP32","shape":[1,%d,%d],"data":[%s]}]}"""
        .formatted(WINDOW, FEATURES, data)
        .getBytes(UTF_8);
  }

  @Override
  public String name() {
    return "eos-score";
  }

  @Override
  public String words() {
    return "questions of %d rows by %d in JSON, %d bytes, to an LSTM of 16"
        .formatted(WINDOW, FEATURES, questions.getFirst().length);
  }

  @Override
  public String entry(String model) {
    return """
        - name: %s
          features: [a, b, c, d]
          learner: {window: %d, hidden: 16}
        """
        .formatted(model, WINDOW);
  }

  @Override
  public String inputs(String model) {
    return model + ".requests";
  }

  @Override
  public String outputs(String model) {
    return model + ".predictions";
  }

  @Override
  public int most() {
    return MOST;
  }

  @Override
  public void prepare(LogFeed feed, String model, int records) {
    // A question is about nothing else.
  }

  @Override
  public byte[] record(String model, long number) {
    return questions.get((int) (number % DIFFERENT));
  }
}
