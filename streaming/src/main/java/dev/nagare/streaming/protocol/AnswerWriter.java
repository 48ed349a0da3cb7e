package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes one answer: its JSON, and on the side the tensors that go as bytes. */
final class AnswerWriter {
  private final InferenceResponse response;
  private final AnswerForm form;
  private @Nullable List<byte[]> tensors;

  AnswerWriter(InferenceResponse response, AnswerForm form) {
    this.response = response;
    this.form = form;
  }

  /** What goes as bytes, once the JSON is written; null if nothing does. */
  @Nullable List<byte[]> tensors() {
    return tensors;
  }

  /** Writes the members of the answer. */
  void write(JsonGenerator out) throws IOException {
    out.writeStringField("model_name", response.modelName());
    out.writeStringField("model_version", response.modelVersion());
    String id = response.id();
    if (id != null) {
      out.writeStringField("id", id);
    }
    writeParameters(out, response.parameters());
    out.writeArrayFieldStart("outputs");
    for (InferenceResponse.Output output : response.outputs()) {
      out.writeStartObject();
      out.writeStringField("name", output.name());
      int classes = form.classes(output.name());
      if (classes > 0) {
        writeClasses(out, output, TopClasses.of(output, classes));
      } else {
        writeTensor(out, output);
      }
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private void writeClasses(JsonGenerator out, InferenceResponse.Output output, TopClasses classes)
      throws IOException {
    ProtocolJson.writeShape(out, classes.shape());
    out.writeStringField("datatype", "BYTES");
    if (form.isBinary(output.name())) {
      writeAside(out, classes.bytes());
      return;
    }
    out.writeArrayFieldStart("data");
    for (String text : classes.texts()) {
      out.writeString(text);
    }
    out.writeEndArray();
  }

  private void writeTensor(JsonGenerator out, InferenceResponse.Output output) throws IOException {
    ProtocolJson.writeShape(out, output.shape());
    out.writeStringField("datatype", output.dtype().openInferenceName());
    if (form.isBinary(output.name())) {
      writeAside(out, output.data());
    } else {
      writeNumbers(out, output);
    }
  }

  private void writeAside(JsonGenerator out, byte[] bytes) throws IOException {
    List<byte[]> aside = tensors;
    if (aside == null) {
      aside = new ArrayList<>(response.outputs().size());
      tensors = aside;
    }
    aside.add(bytes);
    out.writeObjectFieldStart("parameters");
    out.writeNumberField("binary_data_size", bytes.length);
    out.writeEndObject();
  }

  private static void writeNumbers(JsonGenerator out, InferenceResponse.Output output)
      throws IOException {
    if (output.dtype() == DType.BF16) {
      throw new ProtocolException(
          400,
          "output "
              + output.name()
              + ": BF16 has no form in JSON; ask for it with the parameter binary_data: true");
    }
    out.writeArrayFieldStart("data");
    ByteBuffer numbers = output.numbers();
    int elements = output.elements();
    for (int i = 0; i < elements; i++) {
      switch (output.dtype()) {
        case F32 -> writeNumber(out, numbers.getFloat());
        case F64 -> writeNumber(out, numbers.getDouble());
        case I64 -> out.writeNumber(numbers.getLong());
        case I32 -> out.writeNumber(numbers.getInt());
        case U8 -> out.writeNumber(Byte.toUnsignedInt(numbers.get()));
        case BOOL -> out.writeBoolean(numbers.get() != 0);
        case BF16 -> throw new IllegalStateException("refused above");
      }
    }
    out.writeEndArray();
  }

  // JSON has no NaN and no infinity.
  private static void writeNumber(JsonGenerator out, float value) throws IOException {
    if (Float.isFinite(value)) {
      out.writeNumber(value);
    } else {
      out.writeNull();
    }
  }

  private static void writeNumber(JsonGenerator out, double value) throws IOException {
    if (Double.isFinite(value)) {
      out.writeNumber(value);
    } else {
      out.writeNull();
    }
  }

  private static void writeParameters(JsonGenerator out, Map<String, Object> parameters)
      throws IOException {
    if (parameters.isEmpty()) {
      return;
    }
    out.writeObjectFieldStart("parameters");
    for (var entry : parameters.entrySet()) {
      switch (entry.getValue()) {
        case String text -> out.writeStringField(entry.getKey(), text);
        case Boolean flag -> out.writeBooleanField(entry.getKey(), flag);
        case Double number -> out.writeNumberField(entry.getKey(), number);
        case Float number -> out.writeNumberField(entry.getKey(), number);
        case Number number -> out.writeNumberField(entry.getKey(), number.longValue());
        default ->
            throw new IllegalArgumentException(
                "parameter " + entry.getKey() + ": expected a String, Number or Boolean");
      }
    }
    out.writeEndObject();
  }
}
