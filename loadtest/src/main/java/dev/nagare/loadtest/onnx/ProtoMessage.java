package dev.nagare.loadtest.onnx;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A protobuf message being put together. Its length stands before it in the file, so a message is
 * complete when it is added to another; large values are made when they are written. Used by one
 * thread.
 */
public final class ProtoMessage {
  private static final int VARINT = 0;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  /** Some bytes of the message. */
  private interface Part {
    void writeTo(OutputStream out) throws IOException;
  }

  private final List<Part> parts = new ArrayList<>();
  private long size;

  /** A whole number, as a varint. */
  public ProtoMessage number(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  ProtoMessage real(int field, float value) {
    tag(field, FIXED32);
    return raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
  }

  /** A text, in UTF-8. */
  public ProtoMessage text(int field, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return bytes(field, bytes);
  }

  /** Bytes as they are. */
  public ProtoMessage bytes(int field, byte[] value) {
    tag(field, BYTES);
    varint(value.length);
    return raw(value);
  }

  /** Another message, which is complete. */
  public ProtoMessage message(int field, ProtoMessage value) {
    tag(field, BYTES);
    varint(value.size);
    parts.addAll(value.parts);
    size += value.size;
    return this;
  }

  /** The bytes of floats, asked for when they are written. */
  ProtoMessage floats(int field, int count, Supplier<float[]> values) {
    tag(field, BYTES);
    varint(4L * count);
    size += 4L * count;
    parts.add(
        out -> {
          float[] floats = values.get();
          if (floats.length != count) {
            throw new IOException("expected " + count + " values, got " + floats.length);
          }
          var bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(floats);
          out.write(bytes.array());
        });
    return this;
  }

  /** Writes the fields, without a length before them. */
  public void writeTo(OutputStream out) throws IOException {
    for (Part part : parts) {
      part.writeTo(out);
    }
  }

  private void tag(int field, int wireType) {
    varint(((long) field << 3) | wireType);
  }

  private void varint(long value) {
    byte[] bytes = new byte[10];
    int count = 0;
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[count++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes[count++] = (byte) rest;
    raw(Arrays.copyOf(bytes, count));
  }

  private ProtoMessage raw(byte[] bytes) {
    size += bytes.length;
    parts.add(out -> out.write(bytes));
    return this;
  }
}
