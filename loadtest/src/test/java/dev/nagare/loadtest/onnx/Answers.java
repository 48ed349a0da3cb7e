package dev.nagare.loadtest.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/** What ONNX Runtime says of a model with one input of floats. */
final class Answers {
  private static final long SEED = 7;

  private Answers() {}

  /** Seeded values for so many elements. */
  static float[] values(long... dims) {
    var random = new SplittableRandom(SEED);
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /** The first output, row-major. */
  static float[] of(Path model, float[] values, long... dims) throws OrtException {
    var environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "test");
    try (OrtSession session = environment.createSession(model.toString());
        OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), dims);
        OrtSession.Result result =
            session.run(Map.of(session.getInputNames().iterator().next(), input))) {
      FloatBuffer answers = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] copy = new float[answers.remaining()];
      answers.get(copy);
      return copy;
    }
  }

  /** The largest difference as a part of the largest value. */
  static double error(float[] expected, float[] got) {
    double largest = 0;
    double scale = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i] - got[i]));
      scale = Math.max(scale, Math.abs(expected[i]));
    }
    return largest / scale;
  }
}
