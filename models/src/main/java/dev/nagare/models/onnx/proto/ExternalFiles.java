package dev.nagare.models.onnx.proto;

import dev.nagare.models.onnx.proto.TensorProto.External;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MappedMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The files beside a model that hold elements of its tensors, each mapped once.
 *
 * <p>A model may name files of its own folder and of folders in it, and no others: the path is
 * resolved, links and all, before it is looked at. Not thread-safe; the owner closes.
 */
public final class ExternalFiles implements AutoCloseable {
  private final Path folder;
  private final Map<Path, MappedMemory> files = new HashMap<>();

  /** The files of a model in this folder. */
  public ExternalFiles(Path folder) {
    this.folder = folder;
  }

  Tensor tensor(String name, DType dtype, Shape shape, External place) {
    String what = "tensor " + name + ": file '" + place.location() + "'";
    MappedMemory file = file(what, place.location());
    long room = file.bytes() - place.offset();
    if (room < 0 || shape.elements() > room / dtype.bytes()) {
      throw new OnnxException(
          what
              + ": "
              + dtype
              + " "
              + shape
              + " from "
              + place.offset()
              + ", it has "
              + file.bytes());
    }
    if (place.length() >= 0 && place.length() != shape.elements() * dtype.bytes()) {
      throw new OnnxException(
          what + ": " + dtype + " " + shape + " in " + place.length() + " bytes");
    }
    return file.tensor(dtype, shape, place.offset());
  }

  private MappedMemory file(String what, String location) {
    try {
      Path within = folder.toRealPath();
      Path path = within.resolve(location).toRealPath();
      if (!path.startsWith(within) || !Files.isRegularFile(path)) {
        throw new OnnxException(what + " is not a file in the model's folder");
      }
      MappedMemory file = files.get(path);
      if (file == null) {
        file = MappedMemory.open(path);
        files.put(path, file);
      }
      return file;
    } catch (IOException | InvalidPathException e) {
      throw new OnnxException(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Gives back the memory of what was read, see {@link MappedMemory#letGo}. */
  public void letGo() {
    files.values().forEach(MappedMemory::letGo);
  }

  /** Unmaps the files; tensors of them become invalid. */
  @Override
  public void close() {
    files.values().forEach(MappedMemory::close);
    files.clear();
  }
}
