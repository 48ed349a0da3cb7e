package dev.nagare.streaming.protocol;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.nagare.streaming.protocol.wire.InferParameter;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.ModelInferResponse.InferOutputTensor;
import dev.nagare.streaming.protocol.wire.ModelStreamInferResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * Writes one answer. The tensors do not pass through a message object: they are written once, to
 * where they stand in the message, which is its end.
 */
final class MessageWriter {
  private final InferenceResponse response;
  private final ModelInferResponse head;

  MessageWriter(InferenceResponse response) {
    this.response = response;
    this.head = head(response);
  }

  /** The message. */
  byte[] write() {
    byte[] bytes = new byte[size()];
    write(bytes, CodedOutputStream.newInstance(bytes));
    return bytes;
  }

  /** The message inside of that which a stream carries. */
  byte[] writeStreamed() {
    int size = size();
    int field = ModelStreamInferResponse.INFER_RESPONSE_FIELD_NUMBER;
    int before =
        CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt32SizeNoTag(size);
    byte[] bytes = new byte[Math.addExact(before, size)];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(size);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array has no input or output errors
    }
    write(bytes, out);
    return bytes;
  }

  private void write(byte[] bytes, CodedOutputStream out) {
    try {
      head.writeTo(out);
      for (InferenceResponse.Output output : response.outputs()) {
        out.writeTag(
            ModelInferResponse.RAW_OUTPUT_CONTENTS_FIELD_NUMBER,
            WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(output.data().length);
        out.writeRawBytes(output.data());
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "answer of " + bytes.length + " bytes", e); // an array has no input or output errors
    }
  }

  private int size() {
    int size = head.getSerializedSize();
    int tag = CodedOutputStream.computeTagSize(ModelInferResponse.RAW_OUTPUT_CONTENTS_FIELD_NUMBER);
    for (InferenceResponse.Output output : response.outputs()) {
      int bytes = output.data().length;
      size =
          Math.addExact(
              size, Math.addExact(tag + CodedOutputStream.computeUInt32SizeNoTag(bytes), bytes));
    }
    return size;
  }

  /** The message without its tensors. */
  static ModelInferResponse head(InferenceResponse response) {
    ModelInferResponse.Builder head =
        ModelInferResponse.newBuilder()
            .setModelName(response.modelName())
            .setModelVersion(response.modelVersion());
    String id = response.id();
    if (id != null) {
      head.setId(id);
    }
    for (Map.Entry<String, Object> entry : response.parameters().entrySet()) {
      head.putParameters(entry.getKey(), parameter(entry));
    }
    for (InferenceResponse.Output output : response.outputs()) {
      head.addOutputs(
          InferOutputTensor.newBuilder()
              .setName(output.name())
              .setDatatype(output.dtype().openInferenceName())
              .addAllShape(output.shape()));
    }
    return head.build();
  }

  private static InferParameter parameter(Map.Entry<String, Object> entry) {
    InferParameter.Builder value = InferParameter.newBuilder();
    switch (entry.getValue()) {
      case String text -> value.setStringParam(text);
      case Boolean flag -> value.setBoolParam(flag);
      case Double number -> value.setDoubleParam(number);
      case Float number -> value.setDoubleParam(number);
      case Number number -> value.setInt64Param(number.longValue());
      default ->
          throw new IllegalArgumentException(
              "parameter " + entry.getKey() + ": expected a String, Number or Boolean");
    }
    return value.build();
  }
}
