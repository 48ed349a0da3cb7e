package dev.nagare.streaming.protocol;

import dev.nagare.streaming.protocol.ModelMetadata.TensorMetadata;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.PooledMemory;
import java.util.Arrays;
import java.util.List;

/**
 * A request without any JSON: the bytes of one row of a model's only input. Name, datatype and
 * shape are those of the model; one size that the model leaves open follows from the bytes.
 */
final class RawRequest {
  private RawRequest() {}

  static TensorData read(ModelMetadata model, Payload body, PooledMemory memory) {
    if (model.inputs().size() != 1) {
      throw refused(model, "expected a model of one input, this one has " + model.inputs().size());
    }
    TensorMetadata input = model.inputs().getFirst();
    DType dtype = dtype(model, input);
    long bytes = body.remaining();
    long[] shape = shape(model, input.shape(), bytes, dtype.bytes());
    String path = "input " + input.name();
    return new TensorData(input.name(), BinaryInput.read(path, dtype, shape, bytes, body, memory));
  }

  private static DType dtype(ModelMetadata model, TensorMetadata input) {
    for (DType dtype : DType.values()) {
      if (dtype.openInferenceName().equals(input.datatype())) {
        return dtype;
      }
    }
    throw refused(model, "not for " + input.datatype());
  }

  private static long[] shape(ModelMetadata model, List<Long> sizes, long bytes, int width) {
    long[] shape = sizes.stream().mapToLong(Long::longValue).toArray();
    if (shape.length > 0 && shape[0] < 0) {
      shape[0] = 1; // the batch
    }
    int open = -1;
    long known = width;
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] >= 0) {
        known *= shape[axis];
      } else if (open < 0) {
        open = axis;
      } else {
        throw refused(model, "expected at most one open size, got " + Arrays.toString(shape));
      }
    }
    if (open >= 0) {
      if (known == 0 || bytes % known != 0) {
        throw refused(
            model,
            "unexpected size: "
                + bytes
                + " bytes are no whole number of "
                + known
                + " for "
                + Arrays.toString(shape));
      }
      shape[open] = bytes / known;
    }
    return shape;
  }

  private static ProtocolException refused(ModelMetadata model, String why) {
    return RequestReader.refused(
        "raw request to " + model.name() + " (Inference-Header-Content-Length: 0): " + why);
  }
}
