package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.nagare.streaming.protocol.RequestReader.Addressee;
import dev.nagare.tensor.DType;
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

/**
 * Reads the member {@code inputs} of a request: tensors in JSON, or in the bytes that come after
 * it. No shape is trusted before its elements are there.
 */
final class InputReader {
  private static final Set<String> WHOLE =
      Set.of("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64");
  private static final List<DType> READ =
      List.of(DType.F32, DType.F64, DType.I64, DType.I32, DType.U8, DType.BOOL, DType.BF16);
  private static final long NO_BYTES = -1;

  /** More than any model takes; each is compared with all before it. */
  private static final int MOST = 64;

  private final RequestSource from;
  private final JsonParser parser;
  private final Addressee addressee;
  private final List<TensorData> read = new ArrayList<>(1);

  /** Creates a reader for a {@link RequestReader} whose parser is at the inputs. */
  InputReader(RequestSource from) {
    this.from = from;
    this.parser = from.parser();
    this.addressee = from.addressee();
  }

  /** The inputs at hand. */
  List<TensorData> read() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw RequestReader.unexpected(parser, "inputs", "an array");
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (read.size() == MOST) {
        throw RequestReader.refused("inputs: expected at most " + MOST);
      }
      TensorData input = input("inputs[" + read.size() + "]");
      for (TensorData other : read) {
        if (other.name().equals(input.name())) {
          throw RequestReader.refused("inputs: " + input.name() + " given twice");
        }
      }
      read.add(input);
    }
    return read;
  }

  private TensorData input(String at) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw RequestReader.unexpected(parser, at, "an object");
    }
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
          name = RequestReader.text(parser, at + ".name");
          path = "input " + name;
        }
        case "datatype" -> datatype = RequestReader.text(parser, path + ": datatype");
        case "shape" -> shape = shape(path);
        case "parameters" -> bytes = binaryBytes(path);
        case "data" -> {
          if (data != null) {
            throw RequestReader.refused(path + ": data given twice");
          }
          DType dtype = dtype(datatype == null ? datatypeAhead(start) : datatype);
          if (dtype == DType.BF16) {
            throw RequestReader.refused(
                path + ": data: BF16 has no form in JSON; send it as bytes, with binary_data_size");
          }
          data = new DataArray(path, parser, room(dtype)).read();
        }
        default -> parser.skipChildren();
      }
    }
    String type = RequestReader.required(datatype, path, "datatype");
    requireDatatype(type, path, name);
    if (bytes == NO_BYTES) {
      Tensor tensor =
          RequestReader.required(data, path, "data")
              .as(RequestReader.required(shape, path, "shape"));
      return new TensorData(RequestReader.required(name, path, "name"), tensor);
    }
    if (data != null) {
      throw RequestReader.refused(path + ": expected data or binary_data_size, got both");
    }
    String named = RequestReader.required(name, path, "name");
    return new TensorData(
        named, binary(path, dtype(type), RequestReader.required(shape, path, "shape"), bytes));
  }

  private Tensor binary(String path, DType dtype, long[] shape, long bytes) {
    Payload payload = from.payload();
    if (payload == null) {
      throw RequestReader.refused(
          path
              + ": binary_data_size: expected a message with the header"
              + " Inference-Header-Content-Length and bytes after the JSON");
    }
    return BinaryInput.read(path, dtype, shape, bytes, payload, from.memory());
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
      if (read(datatype) == null) {
        String names =
            READ.stream().map(DType::openInferenceName).collect(Collectors.joining(", "));
        throw RequestReader.refused(
            path
                + ": datatype: expected one of "
                + names
                + ", got "
                + RequestReader.shortened(datatype));
      }
      return;
    }
    boolean label = input != null && input.equals(addressee.label());
    if (!datatype.equals("FP32") && !(label && WHOLE.contains(datatype))) {
      throw RequestReader.refused(
          path
              + ": datatype: expected FP32"
              + (label ? " or an integer one" : "")
              + ", got "
              + RequestReader.shortened(datatype));
    }
  }

  /** What elements are read as; those of a record, whole or not, as FP32. */
  private DType dtype(@Nullable String datatype) {
    if (addressee.model() == null) {
      DType named = read(datatype);
      if (named != null) {
        return named;
      }
    }
    return DType.F32; // what is wrong is said when the whole input is known
  }

  private static @Nullable DType read(@Nullable String datatype) {
    for (DType dtype : READ) {
      if (dtype.openInferenceName().equals(datatype)) {
        return dtype;
      }
    }
    return null;
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
    return ProtocolJson.JSON.createParser(from.json(), start, from.json().length - start);
  }

  private Tensor room(DType dtype) {
    return from.memory().empty(dtype, Shape.of(elementsAtMost(offset())));
  }

  /** An upper bound of the elements in the array whose first byte is at an offset. */
  private long elementsAtMost(int first) {
    byte[] json = from.json();
    long elements = 1;
    int depth = 0;
    for (int i = first; i < json.length; i++) {
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

  private int offset() {
    return Math.toIntExact(parser.currentTokenLocation().getByteOffset());
  }

  private long[] shape(String path) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw RequestReader.unexpected(parser, path + ": shape", "an array");
    }
    long[] sizes = new long[DataArray.MAX_RANK];
    int rank = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (rank == DataArray.MAX_RANK) {
        throw RequestReader.refused(
            path + ": shape: expected at most " + DataArray.MAX_RANK + " sizes");
      }
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw RequestReader.unexpected(parser, path + ": shape", "whole numbers from 0 up");
      }
      sizes[rank++] = parser.getLongValue();
    }
    return Arrays.copyOf(sizes, rank);
  }
}
