package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.io.IOException;

/**
 * Writes the id and the inputs of a request as JSON, the opposite of {@link RequestReader}: what is
 * read back has the same bits.
 */
final class RequestWriter {
  private RequestWriter() {}

  /**
   * Writes the members.
   *
   * @throws ProtocolException status 400 for a number that JSON does not have
   */
  static void write(JsonGenerator out, InferenceRequest request) throws IOException {
    if (request.id() != null) {
      out.writeStringField("id", request.id());
    }
    out.writeArrayFieldStart("inputs");
    for (TensorData input : request.inputs()) {
      out.writeStartObject();
      out.writeStringField("name", input.name());
      out.writeStringField("datatype", input.data().dtype().openInferenceName());
      out.writeArrayFieldStart("shape");
      for (int axis = 0; axis < input.data().shape().rank(); axis++) {
        out.writeNumber(input.data().dim(axis));
      }
      out.writeEndArray();
      out.writeArrayFieldStart("data");
      write(out, input);
      out.writeEndArray();
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void write(JsonGenerator out, TensorData input) throws IOException {
    Tensor data = input.data();
    DType dtype = data.dtype();
    for (long i = 0; i < data.elements(); i++) {
      switch (dtype) {
        case F32 -> out.writeNumber((float) finite(input, i));
        case F64, BF16 -> out.writeNumber(finite(input, i));
        case I64, I32, U8, BOOL -> out.writeNumber(data.getLong(i));
      }
    }
  }

  private static double finite(TensorData input, long index) {
    double value = input.data().get(index);
    if (Double.isFinite(value)) {
      return value;
    }
    throw new ProtocolException(
        400, "input " + input.name() + ": expected a finite number, got " + value + " at " + index);
  }
}
