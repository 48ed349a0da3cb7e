package dev.nagare.loadtest.onnx;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A field of a protobuf message that we know to be well-formed; hostile files are the importer's.
 *
 * @param number of the field
 * @param value of a number; 0 for bytes
 * @param bytes of a text or message; empty for a number
 */
record ProtoField(int number, long value, ByteBuffer bytes) {
  private static final ByteBuffer NONE = ByteBuffer.allocate(0);

  /** The fields of a message, in order. */
  static List<ProtoField> of(ByteBuffer message) throws IOException {
    ByteBuffer rest = message.duplicate();
    List<ProtoField> fields = new ArrayList<>();
    try {
      while (rest.hasRemaining()) {
        long tag = varint(rest);
        int number = (int) (tag >>> 3);
        switch ((int) (tag & 7)) {
          case 0 -> fields.add(new ProtoField(number, varint(rest), NONE));
          case 1 -> fields.add(bytes(number, rest, 8));
          case 2 -> fields.add(bytes(number, rest, Math.toIntExact(varint(rest))));
          case 5 -> fields.add(bytes(number, rest, 4));
          default -> throw new IOException("no protobuf: wire type " + (tag & 7));
        }
      }
    } catch (BufferUnderflowException | ArithmeticException | IndexOutOfBoundsException e) {
      throw new IOException("no protobuf: a message ends within a field", e);
    }
    return fields;
  }

  private static ProtoField bytes(int number, ByteBuffer rest, int length) {
    ByteBuffer value = rest.slice(rest.position(), length);
    rest.position(rest.position() + length);
    return new ProtoField(number, 0, value);
  }

  private static long varint(ByteBuffer rest) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = rest.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  String text() {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  /** A copy of the bytes. */
  byte[] toArray() {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    return copy;
  }
}
