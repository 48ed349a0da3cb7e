package dev.nagare.streaming.batch;

import dev.nagare.models.online.Signature;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ModelMetadata.TensorMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A model as lanes and doors see it: what it takes, what it gives, what answers now.
 *
 * @param name of the model
 * @param signature of its windows and answers
 * @param publication what answers now
 */
public record ServedModel(String name, Signature signature, Publication publication) {
  private static final String FP32 = "FP32";

  /** The model's description. */
  public ModelMetadata metadata() {
    List<Long> output = new ArrayList<>();
    output.add(-1L);
    signature.outputShape().forEach(size -> output.add((long) size));
    return new ModelMetadata(
        name,
        List.of(Long.toString(publication.peek().snapshot().version())),
        "nagare_online_lstm",
        List.of(
            new TensorMetadata(
                Answers.WINDOW,
                FP32,
                List.of(-1L, (long) signature.windowRows(), (long) signature.values()))),
        List.of(new TensorMetadata(signature.outputName(), FP32, List.copyOf(output))));
  }

  /**
   * The windows of a question, F32 {@code [rows, window, inputs]}, finite as the codec lets nothing
   * else through.
   *
   * @param most rows in one question
   * @throws ProtocolException status 400 that says what was expected and got; 413 if it is too many
   */
  Tensor windowsOf(InferenceRequest request, int most) {
    Tensor windows = only(request, Answers.WINDOW);
    Shape shape = windows.shape();
    if (shape.rank() != 3
        || shape.dim(0) < 1
        || shape.dim(1) != signature.windowRows()
        || shape.dim(2) != signature.values()) {
      throw new ProtocolException(
          400,
          "input window: expected FP32 [rows from 1 up, "
              + signature.windowRows()
              + ", "
              + signature.values()
              + "], got FP32 "
              + shape);
    }
    if (shape.dim(0) > most) {
      throw new ProtocolException(
          413, "input window: expected at most " + most + " rows at once, got " + shape.dim(0));
    }
    for (String output : request.outputs()) {
      if (!output.equals(signature.outputName())) {
        throw new ProtocolException(
            400, "output " + output + ": unknown, expected " + signature.outputName());
      }
    }
    return windows;
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
