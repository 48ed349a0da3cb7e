package dev.nagare.loadtest.bench.learn;

/**
 * A forecaster with a million parameters, for the figures about losing a learner.
 *
 * <pre>
 * 4 H (I + H) + 8 H  in the LSTM, O H + O  in the head        H = 500, I = O = 2: 1,009,002
 * </pre>
 */
final class BigModel {
  static final String NAME = "big";
  static final int FEATURES = 2;
  static final int PARAMETERS = 4 * 500 * (2 + 500) + 8 * 500 + 2 * 500 + 2;
  static final double ROWS = 5;
  static final int CHECKPOINT_SECONDS = 10;

  static final String ENTRY =
      """
        - name: big
          format: csv
          columns: [a, b]
          features: [a, b]
          publish-every-steps: 10
          checkpoint-interval-seconds: %d
          learner: {window: 16, hidden: 500}
      """
          .formatted(CHECKPOINT_SECONDS);

  private BigModel() {}
}
