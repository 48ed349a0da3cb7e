package dev.nagare.models.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes protobuf messages field by field, valid ones and others. */
final class Wire {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  byte[] bytes() {
    return out.toByteArray();
  }

  Wire raw(int... values) {
    for (int value : values) {
      out.write(value);
    }
    return this;
  }

  private void number(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private void tag(int field, int wire) {
    number((long) field << 3 | wire);
  }

  Wire varint(int field, long value) {
    tag(field, 0);
    number(value);
    return this;
  }

  Wire fixed(int field, float value) {
    tag(field, 5);
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    return this;
  }

  Wire bytes(int field, byte[] value) {
    tag(field, 2);
    number(value.length);
    out.writeBytes(value);
    return this;
  }

  /** Bytes of which fewer follow than is said. */
  Wire cut(int field, long length) {
    tag(field, 2);
    number(length);
    return this;
  }

  Wire text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  Wire message(int field, Wire value) {
    return bytes(field, value.bytes());
  }
}
