package dev.nagare.streaming.protocol;

import com.google.protobuf.ByteString;
import dev.nagare.streaming.protocol.wire.InferParameter;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferRequestedOutputTensor;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads one inference request from its message. Memory is asked for only when every shape has been
 * found to be that of the elements which came, so nobody gets more of it than they have sent.
 */
final class MessageReader {
  /** More than any model takes; each is compared with all before it. */
  private static final int MOST_INPUTS = 64;

  private static final int MOST_OUTPUTS = 64;

  private final ModelInferRequest message;
  private final ProtocolJson json;

  MessageReader(ModelInferRequest message, ProtocolJson json) {
    this.message = message;
    this.json = json;
  }

  /** The request, which owns its memory. */
  InferenceRequest read() {
    Map<String, Object> parameters = parameters(message.getParametersMap(), "");
    List<String> outputs = outputs();
    List<Found> found = inputs();
    long bytes = 0;
    for (Found input : found) {
      bytes += input.bytes() + Memory.ALIGNMENT; // each begins at an aligned place
    }
    PooledMemory memory = json.open(bytes);
    InferenceRequest request = null;
    try {
      List<TensorData> inputs = new ArrayList<>(found.size());
      for (Found input : found) {
        inputs.add(new TensorData(input.name(), input.into(memory)));
      }
      String id = message.getId().isEmpty() ? null : message.getId();
      request = new InferenceRequest(id, parameters, inputs, outputs, memory);
      return request;
    } finally {
      if (request == null) {
        memory.release();
      }
    }
  }

  /** An input whose elements are as many as its shape says. */
  private record Found(InferInputTensor input, DType dtype, Shape shape, @Nullable ByteString raw) {
    String name() {
      return input.getName();
    }

    long bytes() {
      return shape.elements() * dtype.bytes();
    }

    Tensor into(PooledMemory memory) {
      if (raw == null) {
        Tensor tensor = memory.empty(dtype, shape);
        TypedContents.read(path(input), input.getContents(), tensor);
        return tensor;
      }
      Tensor room = memory.empty(DType.U8, Shape.of(raw.size()));
      room.copyFrom(raw.asReadOnlyByteBuffer());
      if (dtype == DType.BOOL) {
        requireFlags(path(input), room);
      }
      return room.part(0, dtype, shape);
    }
  }

  private List<Found> inputs() {
    int count = message.getInputsCount();
    if (count == 0) {
      throw refused("inputs: expected at least one, got none");
    }
    if (count > MOST_INPUTS) {
      throw refused("inputs: expected at most " + MOST_INPUTS + ", got " + count);
    }
    int raw = message.getRawInputContentsCount();
    if (raw != 0 && raw != count) {
      throw refused(
          "raw_input_contents: expected one for each of the " + count + " inputs, got " + raw);
    }
    List<Found> found = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      InferInputTensor input = message.getInputs(i);
      if (input.getName().isEmpty()) {
        throw refused("inputs[" + i + "]: name is missing");
      }
      for (Found other : found) {
        if (other.name().equals(input.getName())) {
          throw refused("inputs: " + input.getName() + " given twice");
        }
      }
      requireNoSharedMemory(input.getParametersMap(), path(input));
      found.add(raw == 0 ? typed(input) : raw(input, message.getRawInputContents(i)));
    }
    return found;
  }

  private static Found typed(InferInputTensor input) {
    DType dtype = dtype(input);
    Shape shape = shape(input);
    int elements = TypedContents.count(path(input), input.getContents(), dtype);
    if (elements != shape.elements()) {
      throw refused(
          path(input)
              + ": shape "
              + shape
              + " has "
              + shape.elements()
              + " elements, contents have "
              + elements);
    }
    return new Found(input, dtype, shape, null);
  }

  private static Found raw(InferInputTensor input, ByteString bytes) {
    if (TypedContents.any(input.getContents())) {
      throw refused(
          path(input)
              + ": expected either contents or raw_input_contents, got both; one request has one"
              + " form");
    }
    DType dtype = dtype(input);
    Shape shape = shape(input);
    long needed = shape.elements() * dtype.bytes();
    if (needed != bytes.size()) {
      throw refused(
          path(input)
              + ": unexpected size: "
              + dtype.openInferenceName()
              + " "
              + shape
              + " takes "
              + needed
              + " bytes, its raw_input_contents has "
              + bytes.size());
    }
    return new Found(input, dtype, shape, bytes);
  }

  private static DType dtype(InferInputTensor input) {
    for (DType dtype : DType.values()) {
      if (dtype.openInferenceName().equals(input.getDatatype())) {
        return dtype;
      }
    }
    String names =
        Arrays.stream(DType.values())
            .map(DType::openInferenceName)
            .collect(Collectors.joining(", "));
    throw refused(
        path(input)
            + ": datatype: expected one of "
            + names
            + ", got "
            + shortened(input.getDatatype()));
  }

  private static Shape shape(InferInputTensor input) {
    int rank = input.getShapeCount();
    if (rank > DataArray.MAX_RANK) {
      throw refused(path(input) + ": shape: expected at most " + DataArray.MAX_RANK + " sizes");
    }
    long[] sizes = new long[rank];
    long elements = 1;
    for (int axis = 0; axis < rank; axis++) {
      sizes[axis] = input.getShape(axis);
      if (sizes[axis] < 0) {
        throw refused(
            path(input) + ": shape: expected whole numbers from 0 up, got " + sizes[axis]);
      }
      if (sizes[axis] != 0 && elements > Integer.MAX_VALUE / sizes[axis]) {
        throw refused(
            path(input) + ": shape " + input.getShapeList() + " has more than 2^31 elements");
      }
      elements *= sizes[axis];
    }
    return Shape.of(sizes);
  }

  private static void requireFlags(String path, Tensor bytes) {
    for (long i = 0; i < bytes.elements(); i++) {
      if (bytes.getLong(i) > 1) {
        throw refused(
            path + ": BOOL: expected bytes 0 and 1, got " + bytes.getLong(i) + " at " + i);
      }
    }
  }

  private List<String> outputs() {
    if (message.getOutputsCount() > MOST_OUTPUTS) {
      throw refused("outputs: expected at most " + MOST_OUTPUTS);
    }
    List<String> names = new ArrayList<>(message.getOutputsCount());
    for (InferRequestedOutputTensor output : message.getOutputsList()) {
      String name = output.getName();
      if (name.isEmpty()) {
        throw refused("outputs[" + names.size() + "]: name is missing");
      }
      if (names.contains(name)) {
        throw refused("outputs: " + name + " given twice");
      }
      requireNoSharedMemory(output.getParametersMap(), "output " + name);
      names.add(name);
    }
    return names;
  }

  private static void requireNoSharedMemory(Map<String, InferParameter> parameters, String path) {
    if (parameters.containsKey("shared_memory_region")) {
      throw new ProtocolException(501, path + ": shared memory is not offered here");
    }
  }

  private static Map<String, Object> parameters(Map<String, InferParameter> given, String at) {
    if (given.isEmpty()) {
      return Map.of();
    }
    Map<String, Object> values = new LinkedHashMap<>();
    given.forEach(
        (key, value) ->
            values.put(
                key,
                switch (value.getParameterChoiceCase()) {
                  case BOOL_PARAM -> value.getBoolParam();
                  case INT64_PARAM -> value.getInt64Param();
                  case STRING_PARAM -> value.getStringParam();
                  case DOUBLE_PARAM -> value.getDoubleParam();
                  case UINT64_PARAM -> unsigned(value.getUint64Param());
                  case PARAMETERCHOICE_NOT_SET ->
                      throw refused(
                          at + "parameter " + key + ": expected a string, number or boolean");
                }));
    return values;
  }

  private static Object unsigned(long bits) {
    return bits >= 0 ? (Object) bits : new BigInteger(Long.toUnsignedString(bits));
  }

  private static String path(InferInputTensor input) {
    return "input " + shortened(input.getName());
  }

  private static ProtocolException refused(String message) {
    return RequestReader.refused(message);
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
