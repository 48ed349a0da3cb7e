package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.nagare.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;

/**
 * The {@code data} of one input: flat, or nested as deep as its shape, row-major. Read before its
 * shape is known; {@link #as} compares the two.
 */
final class DataArray {
  static final int MAX_RANK = 8;
  private static final int UNKNOWN = -1;

  private final String path;
  private final JsonParser parser;
  private final Tensor room;
  private final Element element;
  private final int[] sizes = new int[MAX_RANK];
  private int depth = UNKNOWN;
  private int position;

  /**
   * Prepares to read.
   *
   * @param path of the input, for refusals
   * @param parser at the value of {@code data}
   * @param room {@code [n]} of the dtype that is read, with enough room
   */
  DataArray(String path, JsonParser parser, Tensor room) {
    this.path = path;
    this.parser = parser;
    this.room = room;
    this.element = Element.of(room.dtype());
    Arrays.fill(sizes, UNKNOWN);
  }

  /** Reads all. */
  DataArray read() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw RequestReader.unexpected(parser, path + ": data", "an array");
    }
    array(0);
    return this;
  }

  /**
   * The elements as a tensor.
   *
   * @throws ProtocolException status 400 if they are of another shape
   */
  Tensor as(long[] shape) {
    int elements = position;
    if (elements(path, shape) != elements) {
      throw RequestReader.refused(
          path
              + ": shape "
              + Arrays.toString(shape)
              + " has "
              + elements(path, shape)
              + " elements, data has "
              + elements);
    }
    if (depth > 1 && !nestedAs(shape)) {
      throw RequestReader.refused(
          path
              + ": data: expected a flat array or one nested as "
              + Arrays.toString(shape)
              + ", got "
              + Arrays.toString(Arrays.copyOf(sizes, depth)));
    }
    return room.narrow(0, elements).reshape(shape);
  }

  private boolean nestedAs(long[] shape) {
    boolean same = depth == shape.length;
    for (int axis = 0; same && axis < depth; axis++) {
      same = sizes[axis] == shape[axis];
    }
    return same;
  }

  /** The number of elements of a shape. */
  static long elements(String path, long[] shape) {
    long elements = 1;
    for (long size : shape) {
      if (size != 0 && elements > Integer.MAX_VALUE / size) {
        throw RequestReader.refused(
            path + ": shape " + Arrays.toString(shape) + " has more than 2^31 elements");
      }
      elements *= size;
    }
    return elements;
  }

  private void array(int axis) throws IOException {
    if (axis == MAX_RANK) {
      throw RequestReader.unexpected(
          parser, path + ": data", "arrays nested at most " + MAX_RANK + " deep");
    }
    int size = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (token == JsonToken.START_ARRAY && axis + 1 != depth) {
        array(axis + 1);
      } else {
        number(axis);
      }
      size++;
    }
    if (sizes[axis] == UNKNOWN) {
      sizes[axis] = size;
    } else if (sizes[axis] != size) {
      throw RequestReader.refused(
          path + ": data: arrays of unlike lengths, " + sizes[axis] + " and " + size);
    }
    if (depth == UNKNOWN && size == 0) {
      depth = axis + 1;
    }
  }

  private void number(int axis) throws IOException {
    if (depth != UNKNOWN && depth != axis + 1) {
      throw unexpectedElement(depth > axis + 1 ? "an array" : element.expected());
    }
    if (!element.read(parser, room, position)) {
      throw unexpectedElement(element.expected());
    }
    position++;
    depth = axis + 1;
  }

  private ProtocolException unexpectedElement(String expected) throws IOException {
    return RequestReader.unexpected(parser, path + ": data[" + position + "]", expected);
  }
}
