package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nagare.loadtest.conformance.TinyServer.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The model of {@link TinyServer}: reads a request and writes its answer. */
final class TinyModel {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> MEMBERS = Set.of("id", "parameters", "inputs", "outputs");
  private static final int WIDTH = 3;

  private final @Nullable Fault fault;

  /** An answer; {@code binary} if the length of its JSON is to be told. */
  @SuppressWarnings("ArrayRecordComponent")
  record Answer(JsonNode json, byte[] tensors, boolean binary) {}

  TinyModel(@Nullable Fault fault) {
    this.fault = fault;
  }

  private boolean has(Fault other) {
    return fault == other;
  }

  JsonNode metadata() {
    ObjectNode metadata = JSON.createObjectNode().put("name", TinyServer.MODEL);
    metadata.putArray("versions").add("1");
    if (!has(Fault.NO_PLATFORM)) {
      metadata.put("platform", "tiny");
    }
    tensor(metadata.putArray("inputs"), "x");
    tensor(metadata.putArray("outputs"), "y");
    tensor(metadata.withArray("outputs"), "z");
    return metadata;
  }

  private void tensor(ArrayNode tensors, String name) {
    int batch = has(Fault.NO_BATCH_DIMENSION) ? 1 : -1;
    tensors
        .addObject()
        .put("name", name)
        .put("datatype", "FP32")
        .putArray("shape")
        .add(batch)
        .add(WIDTH);
  }

  Answer answer(@Nullable String header, byte[] body) throws IOException {
    if ("0".equals(header) && has(Fault.NO_RAW)) {
      throw new Refused(400, "no raw requests");
    }
    if ("0".equals(header)) {
      ObjectNode all = JSON.createObjectNode();
      all.putObject("parameters").put("binary_data_output", true);
      return answer(all, numbers(body));
    }
    int length = length(header, body.length);
    JsonNode request = JSON.readTree(Arrays.copyOf(body, length));
    require(request);
    JsonNode input = request.path("inputs").path(0);
    byte[] rest = Arrays.copyOfRange(body, length, body.length);
    return answer(request, input.isMissingNode() ? new float[WIDTH] : values(input, rest));
  }

  private int length(@Nullable String header, int body) {
    if (header == null) {
      return body;
    }
    boolean number = header.matches("[0-9]{1,9}");
    if (!number && !has(Fault.LENGTH_NOT_A_NUMBER_IGNORED)) {
      throw new Refused(400, "no number");
    }
    int length = number ? Integer.parseInt(header) : body - WIDTH * Float.BYTES;
    if (length > body && !has(Fault.LENGTH_CUT_TO_BODY)) {
      throw new Refused(400, "beyond the body");
    }
    return length > body ? body - WIDTH * Float.BYTES : length;
  }

  private void require(JsonNode request) {
    request
        .fieldNames()
        .forEachRemaining(
            member -> {
              if (!MEMBERS.contains(member) && has(Fault.STRICT_MEMBERS)) {
                throw new Refused(400, "what is " + member + "?");
              }
            });
    if (request.path("id").asText("none").isEmpty() && has(Fault.EMPTY_ID_REFUSED)) {
      throw new Refused(400, "an empty id");
    }
    for (JsonNode parameter : request.path("parameters")) {
      boolean own = parameter.isTextual() && has(Fault.NO_PARAMETERS);
      if (own || (parameter.isContainerNode() && !has(Fault.ANY_PARAMETER))) {
        throw new Refused(400, "parameter");
      }
    }
    if (request.path("inputs").isEmpty() && !has(Fault.NO_INPUTS_TAKEN)) {
      throw new Refused(400, "no inputs");
    }
    for (JsonNode input : request.path("inputs")) {
      if (!input.path("name").asText().equals("x") && !has(Fault.UNKNOWN_INPUT_TAKEN)) {
        throw new Refused(400, "what is this input?");
      }
    }
    for (JsonNode output : request.path("outputs")) {
      if (!output.path("name").asText().matches("[yz]") && !has(Fault.UNKNOWN_OUTPUT_TAKEN)) {
        throw new Refused(400, "what is this output?");
      }
    }
  }

  private float[] values(JsonNode input, byte[] rest) {
    String datatype = input.path("datatype").asText();
    boolean half = datatype.endsWith("F16") || datatype.equals("FP16");
    boolean lenient = half ? has(Fault.HALF_AS_JSON) : has(Fault.ANY_DATATYPE);
    if (!datatype.equals("FP32") && !lenient) {
      throw new Refused(400, "datatype");
    }
    long elements = 1;
    for (JsonNode size : input.path("shape")) {
      elements *= size.asLong();
    }
    JsonNode size = input.path("parameters").path("binary_data_size");
    return size.isMissingNode()
        ? values(input.path("data"), elements)
        : values(rest, size.asLong(), elements);
  }

  private float[] values(JsonNode data, long elements) {
    List<Float> flat = new ArrayList<>();
    boolean nested = flatten(data, flat);
    if (nested && has(Fault.FLAT_DATA_ONLY)) {
      throw new Refused(400, "nested");
    }
    if (flat.size() != elements && !has(Fault.DATA_UNCHECKED)) {
      throw new Refused(400, "data: another length");
    }
    float[] values = new float[(int) elements];
    for (int i = 0; i < values.length; i++) {
      values[i] = flat.get(i);
    }
    return values;
  }

  private static boolean flatten(JsonNode data, List<Float> flat) {
    boolean nested = false;
    for (JsonNode element : data) {
      if (element.isArray()) {
        flatten(element, flat);
        nested = true;
      } else {
        flat.add((float) element.asDouble());
      }
    }
    return nested;
  }

  private float[] values(byte[] rest, long size, long elements) {
    boolean sizeWrong = size != elements * Float.BYTES;
    if (sizeWrong && !has(Fault.SIZE_UNCHECKED)) {
      throw new Refused(400, "another size");
    }
    if (!sizeWrong && rest.length < size && !has(Fault.TRUNCATED_TAKEN)) {
      throw new Refused(400, "too few bytes");
    }
    if (!sizeWrong && rest.length > size && !has(Fault.SURPLUS_TAKEN)) {
      throw new Refused(400, "too many bytes");
    }
    return numbers(Arrays.copyOf(rest, (int) elements * Float.BYTES));
  }

  private static float[] numbers(byte[] bytes) {
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private Answer answer(JsonNode request, float[] x) {
    ObjectNode answer = JSON.createObjectNode();
    if (!has(Fault.NO_MODEL_NAME)) {
      answer.put("model_name", TinyServer.MODEL);
    }
    if (has(Fault.VERSION_IS_A_NUMBER)) {
      answer.put("model_version", 1);
    } else {
      answer.put("model_version", "1");
    }
    if (request.has("id") && !has(Fault.FORGETS_ID)) {
      answer.set("id", request.get("id"));
    } else if (!request.has("id") && has(Fault.INVENTS_ID)) {
      answer.put("id", "1");
    }
    if (has(Fault.MEMBER_OF_ITS_OWN)) {
      answer.put("took_ms", 1);
    }
    ArrayNode outputs = answer.putArray("outputs");
    var tensors = new ByteArrayOutputStream();
    boolean binary = false;
    for (String name : List.of("y", "z")) {
      JsonNode asked = asked(request, name);
      if (asked == null) {
        continue;
      }
      float[] values = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        values[i] = (name.equals("y") ? 2 : 3) * x[i];
      }
      boolean bytes = binary(request, asked);
      binary |= bytes;
      write(outputs.addObject().put("name", name), values, bytes, asked, tensors);
    }
    return new Answer(answer, tensors.toByteArray(), binary);
  }

  private @Nullable JsonNode asked(JsonNode request, String name) {
    JsonNode outputs = request.path("outputs");
    for (JsonNode output : outputs) {
      if (output.path("name").asText().equals(name)) {
        return output;
      }
    }
    return outputs.isEmpty() || has(Fault.ALL_OUTPUTS) ? JSON.createObjectNode() : null;
  }

  private boolean binary(JsonNode request, JsonNode output) {
    boolean all = request.path("parameters").path("binary_data_output").asBoolean(false);
    boolean sentBinary = request.at("/inputs/0/parameters/binary_data_size").isNumber();
    if (has(Fault.ALWAYS_BINARY) && sentBinary && !output.has("parameters")) {
      return true;
    }
    if (has(Fault.JSON_STAYS_JSON) && request.has("inputs") && !sentBinary) {
      return false;
    }
    JsonNode own = output.path("parameters").path("binary_data");
    boolean decides = own.isBoolean() && !has(Fault.REQUEST_WINS_OVER_OUTPUT);
    return decides ? own.asBoolean() : all;
  }

  private void write(
      ObjectNode output,
      float[] values,
      boolean bytes,
      JsonNode asked,
      ByteArrayOutputStream tensors) {
    if (asked.path("parameters").has("classification") && !has(Fault.CLASSES_AS_NUMBERS)) {
      output.put("datatype", "BYTES").putArray("shape").add(1).add(1);
      output.putArray("data").add(values[0] + ":0");
      return;
    }
    output.put("datatype", "FP32");
    output.putArray("shape").add(values.length / WIDTH).add(WIDTH);
    if (!bytes) {
      ArrayNode data = output.putArray("data");
      for (float value : values) {
        data.add(value);
      }
      return;
    }
    ByteOrder order = has(Fault.BIG_ENDIAN) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(order);
    buffer.asFloatBuffer().put(values);
    tensors.writeBytes(buffer.array());
    if (!has(Fault.NO_BINARY_SIZES)) {
      output.putObject("parameters").put("binary_data_size", buffer.capacity());
    }
  }
}
