package dev.nagare.models.onnx.proto;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over one protobuf message, which reads the message in place and believes nothing.
 *
 * <p>Every length is held against what is left of the enclosing message, messages lie in at most
 * {@value #DEEPEST} others, and a file has at most {@value #MOST_MESSAGES} of them, so that neither
 * stack nor heap can be exhausted by a small file. Unknown fields are skipped, groups are refused.
 * Source: the protobuf wire format.
 *
 * <pre>{@code
 * while (in.next()) {
 *   switch (in.field()) {
 *     case 1 -> name = in.string();
 *     default -> in.skip();
 *   }
 * }
 * }</pre>
 */
final class WireReader {
  static final int DEEPEST = 100;
  static final int MOST_MESSAGES = 1 << 21;

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final ByteBuffer file;
  private final int[] messages; // how many there were, shared by all readers of the file
  private final int depth;
  private final int begin;
  private final int end;
  private int at;
  private int field;
  private int wire;

  /** The whole of a little-endian buffer. */
  WireReader(ByteBuffer file) {
    this(file, new int[1], 0, 0, file.limit());
  }

  private WireReader(ByteBuffer file, int[] messages, int depth, int begin, int end) {
    this.file = file;
    this.messages = messages;
    this.depth = depth;
    this.begin = begin;
    this.at = begin;
    this.end = end;
  }

  /** The same message from its beginning. */
  WireReader again() {
    return new WireReader(file, messages, depth, begin, end);
  }

  /** Goes to the next field, whose value must then be read or skipped; false at the end. */
  boolean next() {
    if (at == end) {
      return false;
    }
    long tag = rawVarint();
    long number = tag >>> 3;
    if (number < 1 || number > (1 << 29) - 1) {
      throw broken("field number " + number);
    }
    field = (int) number;
    wire = (int) (tag & 7);
    if (wire != VARINT && wire != FIXED_64 && wire != BYTES && wire != FIXED_32) {
      throw broken("wire type " + wire + " of field " + field);
    }
    return true;
  }

  /** Number of the field at the cursor. */
  int field() {
    return field;
  }

  /** Whether the field at the cursor is bytes: a string, a message, or packed numbers. */
  boolean isBytes() {
    return wire == BYTES;
  }

  /** Passes over the value. */
  void skip() {
    switch (wire) {
      case VARINT -> rawVarint();
      case FIXED_64 -> move(8);
      case FIXED_32 -> move(4);
      default -> move(length());
    }
  }

  /** A whole number. */
  long varint() {
    require(VARINT);
    return rawVarint();
  }

  /** A whole number that must fit an int, such as an enum. */
  int number() {
    long value = varint();
    if (value != (int) value) {
      throw broken("number " + value + " in field " + field);
    }
    return (int) value;
  }

  /** A number of 4 bytes. */
  float fixedFloat() {
    require(FIXED_32);
    return file.getFloat(move(4));
  }

  /** A number of 8 bytes. */
  double fixedDouble() {
    require(FIXED_64);
    return file.getDouble(move(8));
  }

  /** Text, which must be UTF-8. */
  String string() {
    require(BYTES);
    int length = length();
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(file.slice(move(length), length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new OnnxException("field " + field + " at byte " + at + " is not UTF-8", e);
    }
  }

  /** A message inside this one. */
  WireReader message() {
    if (depth == DEEPEST) {
      throw broken("more than " + DEEPEST + " messages in one another");
    }
    if (messages[0]++ == MOST_MESSAGES) {
      throw broken("more than " + MOST_MESSAGES + " messages");
    }
    return packed();
  }

  /** Bytes, or packed numbers, to be read with {@link #element} and the like. */
  WireReader packed() {
    require(BYTES);
    int length = length();
    int from = move(length);
    return new WireReader(file, messages, depth + 1, from, from + length);
  }

  /** Where the message begins in the file. */
  int offset() {
    return begin;
  }

  /** Its size. */
  int bytes() {
    return end - begin;
  }

  /** Whether packed numbers follow. */
  boolean hasElement() {
    return at < end;
  }

  /** The next of packed whole numbers. */
  long element() {
    return rawVarint();
  }

  /** The next of packed floats. */
  float floatElement() {
    return file.getFloat(move(4));
  }

  /** The next of packed doubles. */
  double doubleElement() {
    return file.getDouble(move(8));
  }

  private void require(int expected) {
    if (wire != expected) {
      throw broken("field " + field + " has wire type " + wire + ", expected " + expected + ",");
    }
  }

  private int length() {
    long length = rawVarint();
    if (length < 0 || length > end - at) {
      throw broken("field " + field + " of " + Long.toUnsignedString(length) + " bytes");
    }
    return (int) length;
  }

  private int move(int bytes) {
    if (bytes > end - at) {
      throw broken("the end of the message");
    }
    int from = at;
    at += bytes;
    return from;
  }

  private long rawVarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte part = file.get(move(1));
      value |= (long) (part & 0x7f) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw broken("a number of more than 10 bytes");
  }

  private OnnxException broken(String what) {
    return new OnnxException("damaged or not an ONNX file: " + what + " at byte " + at);
  }
}
