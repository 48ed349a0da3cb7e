package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads one inference request; its numbers go into memory that is known to be enough for them. */
final class RequestReader {
  private static final Set<String> WHOLE =
      Set.of("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64");
  private static final List<DType> READ =
      List.of(DType.F32, DType.F64, DType.I64, DType.I32, DType.U8, DType.BOOL, DType.BF16);
  private static final String MODEL_NAME = "model_name";
  private static final long NO_BYTES = -1;

  /** More than any model takes; each is compared with all before it. */
  private static final int MOST_INPUTS = 64;

  private final JsonParser parser;
  private final byte[] json;
  private final @Nullable Payload payload;
  private final PooledMemory memory;
  private final Addressee addressee;
  private final List<TensorData> inputs = new ArrayList<>(1);

  /**
   * Whom a request is for.
   *
   * @param model that it may name, whose inputs are FP32; null if it may name any, with inputs of
   *     any datatype that is read
   * @param label input that may be of whole numbers; null if none may
   */
  record Addressee(@Nullable String model, @Nullable String label) {
    static final Addressee ANY = new Addressee(null, null);
  }

  /**
   * Creates a reader.
   *
   * @param parser before the first token
   * @param json that the parser reads
   * @param payload what came after it; null if the message is JSON alone
   * @param memory where the inputs go: see {@link #bytesAtMost}
   */
  RequestReader(
      JsonParser parser,
      byte[] json,
      @Nullable Payload payload,
      PooledMemory memory,
      Addressee addressee) {
    this.parser = parser;
    this.json = json;
    this.payload = payload;
    this.memory = memory;
    this.addressee = addressee;
  }

  /**
   * An upper bound of the bytes that the inputs of a text can take, seen without parsing it and
   * close to what is needed: an element comes after a comma or opens an array. No shape is trusted
   * for it. Each input, which takes a brace, may begin at the next aligned place.
   */
  static long bytesAtMost(byte[] json) {
    long elements = 0;
    long objects = 0;
    boolean wide = false;
    for (int i = 0; i < json.length; i++) {
      switch (json[i]) {
        case ',', '[' -> elements++;
        case '{' -> objects++;
        // INT64, FP64; and a datatype may be spelled with escapes
        case '"' -> wide |= i >= 2 && json[i - 2] == '6' && json[i - 1] == '4';
        case '\\' -> wide = true;
        default -> {}
      }
    }
    return Math.max(1, elements) * (wide ? Long.BYTES : Float.BYTES)
        + (objects + 1) * Memory.ALIGNMENT;
  }

  /** An upper bound of the elements in the array whose first byte is at an offset. */
  private long elementsAtMost(int from) {
    long elements = 1;
    int depth = 0;
    for (int i = from; i < json.length; i++) {
      byte b = json[i];
      if (b == '[') {
        depth++;
      } else if (b == ',') {
        elements++;
      } else if (b == ']' && --depth == 0) {
        break;
      }
    }
    return elements;
  }

  /** The request; takes over the lease on the memory. */
  InferenceCall read() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw unexpected("request", "an object");
    }
    String id = null;
    Map<String, Object> parameters = Map.of();
    List<AnswerForm.Named> outputs = List.of();
    boolean inputsSeen = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String member = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (member) {
        case "id" -> id = value == JsonToken.VALUE_NULL ? null : text("id");
        case "parameters" -> parameters = ParameterReader.read(parser, "");
        case "outputs" -> outputs = new OutputReader(parser).read();
        case MODEL_NAME -> {
          if (addressee.model() == null) {
            parser.skipChildren();
          } else {
            requireModel(text(MODEL_NAME));
          }
        }
        case "inputs" -> {
          if (inputsSeen) {
            throw refused("inputs: given twice");
          }
          inputsSeen = true;
          inputs();
        }
        default -> parser.skipChildren();
      }
    }
    if (inputs.isEmpty()) {
      throw refused("inputs: expected at least one, got none");
    }
    if (parser.nextToken() != null) {
      throw unexpected("after the request", "nothing more");
    }
    if (payload != null && payload.remaining() > 0) {
      throw refused(
          "unexpected additional input data: "
              + payload.remaining()
              + " bytes after the last input of the binary tensor extension");
    }
    if (parameters.get(MODEL_NAME) instanceof String model) {
      requireModel(model);
    }
    boolean binary = addressee.model() == null && ReservedParameters.of(parameters).binaryOutputs();
    List<String> names = outputs.stream().map(AnswerForm.Named::name).toList();
    return new InferenceCall(
        new InferenceRequest(id, parameters, inputs, names, memory),
        new AnswerForm(binary, outputs));
  }

  private void requireModel(String named) {
    String model = addressee.model();
    if (model != null && !model.equals(named)) {
      throw new ProtocolException(
          404,
          MODEL_NAME + ": expected " + model + ", whose topic this is, got " + shortened(named));
    }
  }

  private void inputs() throws IOException {
    requireArray("inputs");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (inputs.size() == MOST_INPUTS) {
        throw refused("inputs: expected at most " + MOST_INPUTS);
      }
      TensorData input = input("inputs[" + inputs.size() + "]");
      for (TensorData other : inputs) {
        if (other.name().equals(input.name())) {
          throw refused("inputs: " + input.name() + " given twice");
        }
      }
      inputs.add(input);
    }
  }

  private TensorData input(String at) throws IOException {
    requireObject(at);
    int start = offset();
    String name = null;
    String datatype = null;
    long[] shape = null;
    DataArray data = null;
    long bytes = NO_BYTES;
    String path = at;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String member = parser.currentName();
      parser.nextToken();
      switch (member) {
        case "name" -> {
          name = text(at + ".name");
          path = "input " + name;
        }
        case "datatype" -> datatype = text(path + ": datatype");
        case "shape" -> shape = shape(path);
        case "parameters" -> bytes = binaryBytes(path);
        case "data" -> {
          if (data != null) {
            throw refused(path + ": data given twice");
          }
          DType dtype = dtype(datatype == null ? datatypeAhead(start) : datatype);
          if (dtype == DType.BF16) {
            throw refused(
                path + ": data: BF16 has no form in JSON; send it as bytes, with binary_data_size");
          }
          data = new DataArray(path, parser, room(dtype)).read();
        }
        default -> parser.skipChildren();
      }
    }
    String type = required(datatype, path, "datatype");
    requireDatatype(type, path, name);
    if (bytes == NO_BYTES) {
      Tensor read = required(data, path, "data").as(required(shape, path, "shape"));
      return new TensorData(required(name, path, "name"), read);
    }
    if (data != null) {
      throw refused(path + ": expected data or binary_data_size, got both");
    }
    String named = required(name, path, "name");
    return new TensorData(named, binary(path, dtype(type), required(shape, path, "shape"), bytes));
  }

  private Tensor binary(String path, DType dtype, long[] shape, long bytes) {
    Payload from = payload;
    if (from == null) {
      throw refused(
          path
              + ": binary_data_size: expected a message with the header"
              + " Inference-Header-Content-Length and bytes after the JSON");
    }
    return BinaryInput.read(path, dtype, shape, bytes, from, memory);
  }

  private long binaryBytes(String path) throws IOException {
    Map<String, Object> parameters = ParameterReader.read(parser, path);
    if (parameters.containsKey("shared_memory_region")) {
      throw new ProtocolException(
          501, path + ": shared memory is not offered here; send the tensor in the request");
    }
    return ReservedParameters.whole(parameters, path + ": ", "binary_data_size", NO_BYTES);
  }

  private void requireDatatype(String datatype, String path, @Nullable String input) {
    if (addressee.model() == null) {
      if (READ.stream().noneMatch(dtype -> dtype.openInferenceName().equals(datatype))) {
        String names =
            READ.stream().map(DType::openInferenceName).collect(Collectors.joining(", "));
        throw refused(
            path + ": datatype: expected one of " + names + ", got " + shortened(datatype));
      }
      return;
    }
    boolean label = input != null && input.equals(addressee.label());
    if (!datatype.equals("FP32") && !(label && WHOLE.contains(datatype))) {
      throw refused(
          path
              + ": datatype: expected FP32"
              + (label ? " or an integer one" : "")
              + ", got "
              + shortened(datatype));
    }
  }

  /** What elements are read as; those of a record, whole or not, as FP32. */
  private DType dtype(@Nullable String datatype) {
    if (addressee.model() == null) {
      for (DType dtype : READ) {
        if (dtype.openInferenceName().equals(datatype)) {
          return dtype;
        }
      }
    }
    return DType.F32; // what is wrong is said when the whole input is known
  }

  /** The datatype of an input whose data comes first: looked up by a second parser. */
  private @Nullable String datatypeAhead(int start) throws IOException {
    try (JsonParser ahead = reopened(start)) {
      ahead.nextToken();
      while (ahead.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = ahead.currentName().equals("datatype");
        if (ahead.nextToken() == JsonToken.VALUE_STRING && wanted) {
          return ahead.getText();
        }
        ahead.skipChildren();
      }
    }
    return null;
  }

  private JsonParser reopened(int start) throws IOException {
    return ProtocolJson.JSON.createParser(json, start, json.length - start);
  }

  private Tensor room(DType dtype) {
    return memory.empty(dtype, Shape.of(elementsAtMost(offset())));
  }

  private int offset() {
    return Math.toIntExact(parser.currentTokenLocation().getByteOffset());
  }

  private long[] shape(String path) throws IOException {
    requireArray(path + ": shape");
    long[] sizes = new long[DataArray.MAX_RANK];
    int rank = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (rank == DataArray.MAX_RANK) {
        throw refused(path + ": shape: expected at most " + DataArray.MAX_RANK + " sizes");
      }
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw unexpected(path + ": shape", "whole numbers from 0 up");
      }
      sizes[rank++] = parser.getLongValue();
    }
    return Arrays.copyOf(sizes, rank);
  }

  private String text(String path) throws IOException {
    return text(parser, path);
  }

  /** The string at hand. */
  static String text(JsonParser parser, String path) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw unexpected(parser, path, "a string");
    }
    return parser.getText();
  }

  private void requireArray(String path) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw unexpected(path, "an array");
    }
  }

  private void requireObject(String path) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw unexpected(path, "an object");
    }
  }

  /** What must be there. */
  static <T> T required(@Nullable T value, String path, String member) {
    if (value == null) {
      throw refused(path + ": " + member + " is missing");
    }
    return value;
  }

  private ProtocolException unexpected(String path, String expected) throws IOException {
    return unexpected(parser, path, expected);
  }

  /** A refusal that names the token at hand and where it stands. */
  static ProtocolException unexpected(JsonParser parser, String path, String expected)
      throws IOException {
    JsonToken token = parser.currentToken();
    String got =
        switch (token) {
          case null -> "the end";
          case START_OBJECT, END_OBJECT -> "an object";
          case START_ARRAY, END_ARRAY -> "an array";
          case VALUE_STRING, FIELD_NAME -> "a string";
          default -> shortened(parser.getText());
        };
    var at = parser.currentTokenLocation();
    return refused(
        path
            + ": expected "
            + expected
            + ", got "
            + got
            + " at line "
            + at.getLineNr()
            + ", column "
            + at.getColumnNr());
  }

  static ProtocolException refused(String message) {
    return new ProtocolException(400, message);
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
