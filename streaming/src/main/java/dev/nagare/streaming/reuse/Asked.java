package dev.nagare.streaming.reuse;

import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks a model: its inputs, byte for byte, with names, dtypes and shapes, and the
 * outputs wanted, in the caller's order. Two that are equal have the same answer of the same
 * weights; the request's id and parameters mean nothing to a model. Immutable.
 */
final class Asked {
  /** Nobody outside can make up requests that share a hash. */
  private static final long SEED = new SecureRandom().nextLong();

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int HALF = 32;

  private final byte[] bytes;
  private final int hash;

  private Asked(byte[] bytes) {
    this.bytes = bytes;
    this.hash = hash(bytes);
  }

  /** How many bytes {@link #of} will take. */
  static long bytes(InferenceRequest request) {
    long bytes = Integer.BYTES;
    for (TensorData input : request.inputs()) {
      Tensor data = input.data();
      bytes +=
          bytes(input.name())
              + bytes(data.dtype().name())
              + Integer.BYTES
              + (long) data.shape().rank() * Long.BYTES
              + data.elements() * data.dtype().bytes();
    }
    for (String output : request.outputs()) {
      bytes += bytes(output);
    }
    return bytes;
  }

  private static long bytes(String name) {
    return Integer.BYTES + (long) name.length() * Character.BYTES;
  }

  /** Copies what is asked; the request's memory is not needed any more. */
  static Asked of(InferenceRequest request) {
    ByteBuffer to = ByteBuffer.allocate(Math.toIntExact(bytes(request)));
    to.putInt(request.inputs().size());
    for (TensorData input : request.inputs()) {
      Tensor data = input.data();
      put(to, input.name());
      put(to, data.dtype().name());
      to.putInt(data.shape().rank());
      for (int axis = 0; axis < data.shape().rank(); axis++) {
        to.putLong(data.shape().dim(axis));
      }
      data.copyTo(to);
    }
    for (String output : request.outputs()) {
      put(to, output);
    }
    return new Asked(to.array());
  }

  private static void put(ByteBuffer to, String name) {
    to.putInt(name.length());
    for (int i = 0; i < name.length(); i++) {
      to.putChar(name.charAt(i));
    }
  }

  private static int hash(byte[] bytes) {
    ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    long hash = SEED ^ bytes.length;
    while (from.remaining() >= Long.BYTES) {
      hash = mixed(hash ^ from.getLong());
    }
    while (from.hasRemaining()) {
      hash = mixed(hash ^ from.get());
    }
    return (int) (hash ^ hash >>> HALF);
  }

  private static long mixed(long hash) {
    long product = hash * GOLDEN;
    return product ^ product >>> HALF;
  }

  /** Bytes of it. */
  int size() {
    return bytes.length;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Asked that && hash == that.hash && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
