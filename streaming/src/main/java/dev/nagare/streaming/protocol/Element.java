package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.io.IOException;

/** How one element of a dtype is read from JSON. */
enum Element {
  FP32("a finite FP32 number") {
    @Override
    boolean read(JsonParser parser, Tensor room, int position) throws IOException {
      if (!parser.currentToken().isNumeric() || parser.isNaN()) {
        return false;
      }
      float value = parser.getFloatValue();
      room.set(position, value);
      return Float.isFinite(value);
    }
  },
  FP64("a finite FP64 number") {
    @Override
    boolean read(JsonParser parser, Tensor room, int position) throws IOException {
      if (!parser.currentToken().isNumeric() || parser.isNaN()) {
        return false;
      }
      double value = parser.getDoubleValue();
      room.set(position, value);
      return Double.isFinite(value);
    }
  },
  INT64("a whole number that INT64 holds") {
    @Override
    boolean read(JsonParser parser, Tensor room, int position) throws IOException {
      return whole(parser, room, position, Long.MIN_VALUE, Long.MAX_VALUE);
    }
  },
  INT32("a whole number that INT32 holds") {
    @Override
    boolean read(JsonParser parser, Tensor room, int position) throws IOException {
      return whole(parser, room, position, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
  },
  UINT8("a whole number from 0 to 255") {
    @Override
    boolean read(JsonParser parser, Tensor room, int position) throws IOException {
      return whole(parser, room, position, 0, 255);
    }
  },
  BOOL("true or false") {
    @Override
    boolean read(JsonParser parser, Tensor room, int position) throws IOException {
      if (parser.currentToken().isBoolean()) {
        room.setLong(position, parser.getBooleanValue() ? 1 : 0);
        return true;
      }
      return whole(parser, room, position, 0, 1); // as Triton takes them
    }
  };

  private final String expected;

  Element(String expected) {
    this.expected = expected;
  }

  /** What an element of another kind is told. */
  String expected() {
    return expected;
  }

  /** Reads the token at hand; false if it is no such element. */
  abstract boolean read(JsonParser parser, Tensor room, int position) throws IOException;

  static Element of(DType dtype) {
    return switch (dtype) {
      case F32 -> FP32;
      case F64 -> FP64;
      case I64 -> INT64;
      case I32 -> INT32;
      case U8 -> UINT8;
      case BOOL -> BOOL;
      case BF16 -> throw new IllegalArgumentException("BF16 has no form in JSON");
    };
  }

  private static boolean whole(JsonParser parser, Tensor room, int position, long least, long most)
      throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
        || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      return false;
    }
    long value = parser.getLongValue();
    room.setLong(position, value);
    return value >= least && value <= most;
  }
}
