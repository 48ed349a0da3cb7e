package dev.nagare.loadtest.bench.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.StringJoiner;

/** Labels of recorded predictions, which are in the log before them; both become examples. */
final class JoinTask implements LogTask {
  private static final int WINDOW = 4;
  private static final int FEATURES = 2;
  private static final int MOST = 40_000; // a server remembers 100,000 predictions
  private static final Map<String, String> CAPTURED = Map.of("nagare-captured", "sync");

  @Override
  public String name() {
    return "eos-join";
  }

  @Override
  public String words() {
    return "labels joined with recorded predictions of %d rows by %d, examples learned in the same process"
        .formatted(WINDOW, FEATURES);
  }

  @Override
  public String entry(String model) {
    return """
        - name: %s
          features: [a, b]
          task: classify
          capture: sync
          examples: joined
          publish-every-steps: 100
          learner: {window: %d, hidden: 4, batch: 64}
        """
        .formatted(model, WINDOW);
  }

  @Override
  public String inputs(String model) {
    return model + ".labels";
  }

  @Override
  public String outputs(String model) {
    return model + ".examples";
  }

  @Override
  public int most() {
    return MOST;
  }

  @Override
  public void prepare(LogFeed feed, String model, int records)
      throws IOException, InterruptedException {
    String topic = predictions(model);
    for (int i = 0; i < records; i++) {
      feed.put(topic, prediction(model, feed.count(topic)), CAPTURED);
    }
  }

  private static String predictions(String model) {
    return model + ".predictions";
  }

  private static byte[] prediction(String model, long number) {
    var random = new SplittableRandom(number);
    var data = new StringJoiner(",");
    for (int i = 0; i < WINDOW; i++) {
      data.add(decimal(random)).add(decimal(random)).add("-1.0");
    }
    return """
        {"model_name":"%s","model_version":"0","id":"q-%d","parameters":{"trained_through":"%s.examples-0:0"},\
        "inputs":[{"name":"window","datatype":"FP32","shape":[1,%d,%d],"data":[%s]}],\
        "outputs":[{"name":"probabilities","datatype":"FP32","shape":[1,2],"data":[0.5,0.5]}]}"""
        .formatted(model, number, model, WINDOW, FEATURES + 1, data)
        .getBytes(UTF_8);
  }

  private static String decimal(SplittableRandom random) {
    return String.format(Locale.ROOT, "%.4f", random.nextDouble());
  }

  @Override
  public byte[] record(String model, long number) {
    return "{\"id\":\"%s-0-%d\",\"label\":%d}"
        .formatted(predictions(model), number, number % 2)
        .getBytes(UTF_8);
  }
}
