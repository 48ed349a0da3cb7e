package dev.nagare.models.onnx.export;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A protobuf message being put together. Its length stands before it in the file, so a message is
 * complete when it is added to another; elements of tensors are read when they are written. Source:
 * the protocol buffers encoding.
 */
final class ProtoWriter {
  private static final int VARINT = 0;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int LONGEST_VARINT = 10;
  private static final int CHUNK = 1 << 16;

  /** Some bytes of the message. */
  private interface Part {
    void writeTo(OutputStream out) throws IOException;
  }

  private final List<Part> parts = new ArrayList<>();
  private long size;

  /** Bytes of the fields. */
  long size() {
    return size;
  }

  ProtoWriter number(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  ProtoWriter real(int field, float value) {
    tag(field, FIXED32);
    return raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
  }

  ProtoWriter text(int field, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    tag(field, BYTES);
    varint(bytes.length);
    return raw(bytes);
  }

  /** Another message, which is complete. */
  ProtoWriter message(int field, ProtoWriter value) {
    tag(field, BYTES);
    varint(value.size);
    parts.addAll(value.parts);
    size += value.size;
    return this;
  }

  /** A tensor's elements, row-major and little-endian. */
  ProtoWriter elements(int field, Tensor tensor) {
    long count = tensor.elements() * tensor.dtype().bytes();
    if (count > Integer.MAX_VALUE) {
      throw TensorException.mismatch("onnx: " + tensor + " is more than a file of 2 GB holds");
    }
    int bytes = (int) count;
    tag(field, BYTES);
    varint(bytes);
    size += bytes;
    parts.add(
        out -> {
          ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
          for (long from = 0; from < tensor.elements(); ) {
            chunk.clear();
            from += tensor.copyTo(from, chunk);
            out.write(chunk.array(), 0, chunk.position());
          }
        });
    return this;
  }

  /** Writes the fields, without a length before them. */
  void writeTo(OutputStream out) throws IOException {
    for (Part part : parts) {
      part.writeTo(out);
    }
  }

  private void tag(int field, int wireType) {
    varint(((long) field << 3) | wireType);
  }

  private void varint(long value) {
    ByteBuffer bytes = ByteBuffer.allocate(LONGEST_VARINT);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.put((byte) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    bytes.put((byte) rest);
    raw(Arrays.copyOf(bytes.array(), bytes.position()));
  }

  private ProtoWriter raw(byte[] bytes) {
    size += bytes.length;
    parts.add(out -> out.write(bytes));
    return this;
  }
}
