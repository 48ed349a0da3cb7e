package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An input that fits a model: one row, two of whatever else is open, small numbers.
 *
 * @param name of the input
 * @param datatype of the input
 * @param shape without open sizes
 */
@SuppressWarnings("ArrayRecordComponent") // read by nobody else
record Sample(String name, String datatype, long[] shape) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static Sample of(JsonNode input) {
    JsonNode sizes = input.path("shape");
    long[] shape = new long[sizes.size()];
    for (int axis = 0; axis < shape.length; axis++) {
      long size = sizes.get(axis).asLong();
      shape[axis] = size >= 0 ? size : axis == 0 ? 1 : 2;
    }
    return new Sample(input.path("name").asText(), input.path("datatype").asText(), shape);
  }

  int elements() {
    long elements = 1;
    for (long size : shape) {
      elements *= size;
    }
    return Math.toIntExact(elements);
  }

  /** Bytes of an element. */
  int width() {
    return switch (datatype) {
      case "BOOL", "UINT8", "INT8" -> 1;
      case "FP16", "BF16", "UINT16", "INT16" -> 2;
      case "FP32", "UINT32", "INT32" -> 4;
      case "FP64", "UINT64", "INT64" -> 8;
      default ->
          throw new NotTried("input " + name + " is " + datatype + ", which this kit cannot send");
    };
  }

  private boolean half() {
    return datatype.equals("FP16") || datatype.equals("BF16");
  }

  private static double number(int at) {
    return 0.25 * (1 + at % 7);
  }

  /** With its data flat. */
  ObjectNode json() {
    ArrayNode data = MAPPER.createArrayNode();
    for (int i = 0; i < elements(); i++) {
      add(data, i);
    }
    ObjectNode json = described();
    json.set("data", data);
    return json;
  }

  /** With its data nested as its shape. */
  ObjectNode nested() {
    ObjectNode json = described();
    json.set("data", shape.length == 0 ? json().get("data") : level(0, new int[1]));
    return json;
  }

  private ArrayNode level(int axis, int[] at) {
    ArrayNode level = MAPPER.createArrayNode();
    for (long i = 0; i < shape[axis]; i++) {
      if (axis == shape.length - 1) {
        add(level, at[0]++);
      } else {
        level.add(level(axis + 1, at));
      }
    }
    return level;
  }

  private void add(ArrayNode data, int at) {
    if (half()) {
      throw new NotTried("input " + name + " is " + datatype + ", which has no form in JSON");
    }
    switch (datatype) {
      case "FP32", "FP64" -> data.add(number(at));
      case "BOOL" -> data.add(true);
      case "BYTES" -> data.add("text");
      default -> data.add(1);
    }
  }

  /** With its data elsewhere. */
  ObjectNode described() {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("name", name);
    ArrayNode sizes = json.putArray("shape");
    for (long size : shape) {
      sizes.add(size);
    }
    json.put("datatype", datatype);
    return json;
  }

  /** Its data, row-major, little-endian. */
  byte[] bytes() {
    ByteBuffer bytes = ByteBuffer.allocate(elements() * width()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements(); i++) {
      switch (datatype) {
        case "FP32" -> bytes.putFloat((float) number(i));
        case "FP64" -> bytes.putDouble(number(i));
        case "FP16" -> bytes.putShort(Float.floatToFloat16((float) number(i)));
        case "BF16" -> bytes.putShort((short) (Float.floatToIntBits((float) number(i)) >>> 16));
        default -> {
          bytes.put((byte) 1);
          bytes.put(new byte[width() - 1]);
        }
      }
    }
    return bytes.array();
  }
}
