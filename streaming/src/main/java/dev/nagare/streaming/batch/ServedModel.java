package dev.nagare.streaming.batch;

import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ModelMetadata.TensorMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;

/**
 * A model as lanes and doors see it: what it takes, what it gives, what answers now.
 *
 * @param name of the model
 * @param window rows in a window
 * @param features values in a row
 * @param publication what answers now
 */
record ServedModel(String name, int window, int features, Publication publication) {
  private static final String FP32 = "FP32";

  /** The model's description. */
  ModelMetadata metadata() {
    return new ModelMetadata(
        name,
        List.of(Long.toString(publication.peek().snapshot().version())),
        "nagare_online_lstm",
        List.of(
            new TensorMetadata(Answers.WINDOW, FP32, List.of(-1L, (long) window, (long) features))),
        List.of(new TensorMetadata(Answers.FORECAST, FP32, List.of(-1L, (long) features))));
  }

  /**
   * The windows of a question, F32 {@code [rows, window, features]}, finite as the codec lets
   * nothing else through.
   *
   * @param most rows in one question
   * @throws ProtocolException status 400 that says what was expected and got; 413 if it is too many
   */
  Tensor windowsOf(InferenceRequest request, int most) {
    Tensor windows = only(request, Answers.WINDOW);
    Shape shape = windows.shape();
    if (shape.rank() != 3
        || shape.dim(0) < 1
        || shape.dim(1) != window
        || shape.dim(2) != features) {
      throw new ProtocolException(
          400,
          "input window: expected FP32 [rows from 1 up, "
              + window
              + ", "
              + features
              + "], got FP32 "
              + shape);
    }
    if (shape.dim(0) > most) {
      throw new ProtocolException(
          413, "input window: expected at most " + most + " rows at once, got " + shape.dim(0));
    }
    for (String output : request.outputs()) {
      if (!output.equals(Answers.FORECAST)) {
        throw new ProtocolException(400, "output " + output + ": unknown, expected forecast");
      }
    }
    return windows;
  }

  /** Whether a request is an observation rather than a question. */
  static boolean isObservation(InferenceRequest request) {
    return request.inputs().getFirst().name().equals(Answers.ROW);
  }

  /**
   * Copies the values of an observation.
   *
   * @param row receives them
   * @throws ProtocolException status 400 that says what was expected and got
   */
  void rowOf(InferenceRequest request, float[] row) {
    Tensor values = only(request, Answers.ROW);
    if (!values.shape().equals(Shape.of(1, features))) {
      throw new ProtocolException(
          400, "input row: expected FP32 [1, " + features + "], got FP32 " + values.shape());
    }
    values.copyTo(row, 0);
  }

  private Tensor only(InferenceRequest request, String name) {
    Tensor found = null;
    for (TensorData input : request.inputs()) {
      if (!input.name().equals(name)) {
        throw new ProtocolException(
            400,
            "input " + input.name() + ": unknown to model " + this.name + ", expected " + name);
      }
      found = input.data();
    }
    if (found == null) {
      throw new ProtocolException(400, "inputs: expected " + name + ", got none");
    }
    return found;
  }
}
