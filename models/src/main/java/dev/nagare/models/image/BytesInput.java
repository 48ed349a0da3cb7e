package dev.nagare.models.image;

import java.util.Objects;
import javax.imageio.stream.ImageInputStreamImpl;

/** Bytes in memory as image readers want them: without a copy, and without a file. */
final class BytesInput extends ImageInputStreamImpl {
  private final byte[] bytes;

  BytesInput(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public int read() {
    bitOffset = 0;
    return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xff : -1;
  }

  @Override
  public int read(byte[] to, int from, int most) {
    Objects.checkFromIndexSize(from, most, to.length);
    bitOffset = 0;
    if (most == 0) {
      return 0;
    }
    if (streamPos >= bytes.length) {
      return -1;
    }
    int count = (int) Math.min(most, bytes.length - streamPos);
    System.arraycopy(bytes, (int) streamPos, to, from, count);
    streamPos += count;
    return count;
  }

  @Override
  public long length() {
    return bytes.length;
  }
}
