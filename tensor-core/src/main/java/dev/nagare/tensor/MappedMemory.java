package dev.nagare.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file in memory, to be read: its tensors are views on the page cache, nothing is copied.
 *
 * <p>Whatever would write to such a tensor is refused; {@link Tensor#keep} makes a copy that can be
 * written. Any number of threads may read; the owner closes after every one has stopped. A file
 * must not be shortened while it is mapped: the system answers a read beyond its end with a signal.
 * Replacing it by a rename is safe.
 */
public final class MappedMemory extends Memory implements AutoCloseable {
  private final Path path;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment file;
  private boolean closed;

  private MappedMemory(Path path) throws IOException {
    this.path = path;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      file = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Maps a whole file whose numbers are little-endian.
   *
   * @throws IOException if it cannot be read or mapped
   */
  public static MappedMemory open(Path path) throws IOException {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new IOException(path + ": this machine is not little-endian, the file is");
    }
    return new MappedMemory(path);
  }

  /** Size of the file when it was mapped. */
  public long bytes() {
    return file.byteSize();
  }

  /** The bytes from an offset on, little-endian and read-only; valid until {@link #close}. */
  public ByteBuffer bytes(long offset, int length) {
    requireOpen();
    return file.asSlice(offset, length).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * A tensor whose row-major elements begin at an offset of the file.
   *
   * <p>Where the offset is no multiple of the element's size the elements are copied, since
   * elements lie at multiples of their size.
   *
   * @throws TensorException kind MISMATCH if it does not lie in the file, CLOSED after {@link
   *     #close}
   */
  public Tensor tensor(DType dtype, Shape shape, long offset) {
    requireOpen();
    if (offset < 0 || shape.elements() > (bytes() - offset) / dtype.bytes()) {
      throw TensorException.mismatch(
          path + ": " + dtype + " " + shape + " at " + offset + ", the file has " + bytes());
    }
    MemorySegment part = file.asSlice(offset, shape.elements() * dtype.bytes());
    if (offset % dtype.bytes() != 0) {
      // This call alone allocates without writing zeros first, which took longer than the copy.
      part = arena.allocateFrom(JAVA_BYTE, part, JAVA_BYTE, 0, part.byteSize()).asReadOnly();
    }
    return new Tensor(this, part, dtype, shape);
  }

  /**
   * Gives back the memory of the pages that were read so far; what is read later comes from the
   * file again. Tensors stay valid. To be called once most of a file has been read for the last
   * time.
   */
  public void letGo() {
    requireOpen();
    PageCache.letGo(file);
  }

  private void requireOpen() {
    if (closed) {
      throw new TensorException(TensorException.Kind.CLOSED, path + ": closed");
    }
  }

  @Override
  MemorySegment take(long bytes) {
    requireOpen();
    throw TensorException.mismatch(path + ": a mapped file has no room for a new tensor");
  }

  @Override
  String describe() {
    return path + " was closed";
  }

  /** Unmaps the file; every tensor of it becomes invalid. A second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      invalidate();
      arena.close();
    }
  }
}
