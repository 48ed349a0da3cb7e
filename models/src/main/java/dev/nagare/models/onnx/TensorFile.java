package dev.nagare.models.onnx;

import dev.nagare.models.onnx.proto.ExternalFiles;
import dev.nagare.models.onnx.proto.TensorProto;
import dev.nagare.tensor.MappedMemory;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;

/** A file with one TensorProto, as ONNX's test data and many tools have it: {@code input_0.pb}. */
public final class TensorFile {
  private TensorFile() {}

  /**
   * Reads a tensor.
   *
   * @param memory where it goes
   * @throws IOException if the file cannot be read
   * @throws dev.nagare.models.onnx.proto.OnnxException if it is damaged or of a kind that is not
   *     supported
   */
  public static Tensor read(Path path, Memory memory) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(path + " is no file");
    }
    try (MappedMemory file = MappedMemory.open(path);
        var external = new ExternalFiles(folder)) {
      TensorProto proto = TensorProto.read(file.bytes(0, Math.toIntExact(file.bytes())));
      return memory.copyOf(proto.load(file, external, memory));
    }
  }
}
