package dev.nagare.streaming.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer as it goes over the wire.
 *
 * @param json the first part
 * @param tensors what follows it, in the order of the outputs; null if all of the answer is JSON
 */
@SuppressWarnings("ArrayRecordComponent") // on its way out, compared by nobody
public record EncodedAnswer(byte[] json, @Nullable List<byte[]> tensors) {

  /** Bytes in all. */
  public long bytes() {
    long bytes = json.length;
    if (tensors != null) {
      for (byte[] tensor : tensors) {
        bytes += tensor.length;
      }
    }
    return bytes;
  }
}
