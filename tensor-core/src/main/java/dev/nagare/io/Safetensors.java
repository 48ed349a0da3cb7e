package dev.nagare.io;

import dev.nagare.tensor.MappedMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A safetensors file: named tensors whose bytes are mapped, not copied.
 *
 * <pre>{@code
 * try (Safetensors file = Safetensors.open(path)) {
 *   model.loadState(file.tensors());
 * }
 * Safetensors.write(path, model.state(), Map.of("format", "pt"));
 * }</pre>
 *
 * <p>The tensors are read-only, live in {@link MappedMemory} and end with {@link #close}; {@link
 * Tensor#keep} copies what is to last longer. A file that is not exactly what the format says is
 * refused before any tensor is made: a name twice, bytes that overlap, that no tensor owns or that
 * are not there, a size that does not fit dtype and shape, a dtype that is not in {@link
 * dev.nagare.tensor.DType}, a header of more than 100 MB. Any thread may read; the owner closes
 * after all have stopped. Source: the format of Hugging Face's {@code safetensors}.
 */
public final class Safetensors implements AutoCloseable {
  static final int MOST_HEADER_BYTES = 100_000_000;
  static final int LENGTH_BYTES = 8;

  private final MappedMemory memory;
  private final Map<String, Tensor> tensors;
  private final Map<String, String> metadata;

  private Safetensors(MappedMemory memory, SafetensorsHeader header, long data) {
    this.memory = memory;
    Map<String, Tensor> views = new LinkedHashMap<>();
    for (SafetensorsHeader.Entry entry : header.tensors()) {
      views.put(entry.name(), memory.tensor(entry.dtype(), entry.shape(), data + entry.begin()));
    }
    this.tensors = Collections.unmodifiableMap(views);
    this.metadata = Collections.unmodifiableMap(header.metadata());
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be read, or is not a whole and valid safetensors file
   */
  public static Safetensors open(Path path) throws IOException {
    MappedMemory memory = MappedMemory.open(path);
    try {
      return read(memory);
    } catch (IOException e) {
      memory.close();
      throw new IOException("safetensors: " + path + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  private static Safetensors read(MappedMemory memory) throws IOException {
    if (memory.bytes() < LENGTH_BYTES) {
      throw new IOException("it has " + memory.bytes() + " bytes, expected at least 8");
    }
    long length = memory.bytes(0, LENGTH_BYTES).getLong();
    if (length < 0 || length > MOST_HEADER_BYTES) {
      throw new IOException(
          "its header has " + Long.toUnsignedString(length) + " bytes, more than 100 MB");
    }
    long data = LENGTH_BYTES + length;
    if (data > memory.bytes()) {
      throw new IOException(
          "its header has " + length + " bytes, the whole file " + memory.bytes());
    }
    String json = text(memory.bytes(LENGTH_BYTES, (int) length));
    if (!json.startsWith("{")) {
      throw new IOException("its header does not begin with '{'");
    }
    return new Safetensors(memory, SafetensorsHeader.parse(json, memory.bytes() - data), data);
  }

  private static String text(ByteBuffer bytes) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("its header is not UTF-8", e);
    }
  }

  /** All tensors by name, in the order of their bytes; unmodifiable. */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * The tensor of that name.
   *
   * @throws TensorException kind MISMATCH if there is none; the message lists those there are
   */
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw TensorException.mismatch(
          "safetensors: no tensor " + name + ", there are " + tensors.keySet());
    }
    return tensor;
  }

  /** What the writer said about the file; empty if nothing. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Writes a file, wholly or not at all: into a file beside it that then takes its name.
   *
   * <p>Tensors of any strides are written row-major; those with larger elements come first and then
   * by name, so that each lies at a multiple of its element's size, as the reference implementation
   * does. The same content gives the same bytes.
   *
   * @param metadata about the file, may be empty
   * @throws IOException if it cannot be written; an older file of the name is then as it was
   */
  public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    SafetensorsWriter.write(path, tensors, metadata);
  }

  /** Unmaps the file; its tensors become invalid. A second call does nothing. */
  @Override
  public void close() {
    memory.close();
  }
}
