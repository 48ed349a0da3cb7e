package dev.nagare.loadtest.bench.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A function of tensors that libtorch runs in one call: a module as {@code torch.jit.save} would
 * write it, without parameters of its own. Gives the peer operators that DJL has no method for, and
 * spares it a call through JNI per operator.
 */
final class TorchScript {
  /** The newest format that libtorch 2.7 reads. */
  private static final String VERSION = "10\n";

  /** The object {@code __torch__.M} with {@code {"training": True}}, in Python's protocol 2. */
  private static final byte[] OBJECT =
      "\u0080\u0002c__torch__\nM\n)\u0081}(X\b\0\0\0training\u0088ub."
          .getBytes(StandardCharsets.ISO_8859_1);

  private static final byte[] NO_CONSTANTS = "\u0080\u0002).".getBytes(StandardCharsets.ISO_8859_1);

  private final PtSymbolBlock module;

  /**
   * Loads a function.
   *
   * @param manager that it lives as long as
   * @param arguments names of its tensors
   * @param body statements, the last of them {@code return [..]}
   */
  TorchScript(PtNDManager manager, List<String> arguments, String body) {
    var source = new StringBuilder("class M(Module):\n");
    source.append("  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
    source.append("  def forward(self: __torch__.M");
    arguments.forEach(argument -> source.append(", ").append(argument).append(": Tensor"));
    source.append(") -> List[Tensor]:\n");
    body.lines().forEach(line -> source.append("    ").append(line).append('\n'));
    try {
      var archive = new ByteArrayInputStream(archive(source.toString()));
      module = JniUtils.loadModule(manager, archive, false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a stream from memory
    }
  }

  /** Runs it; results belong to the first argument's manager. */
  NDList call(List<NDArray> arguments) {
    return IValueUtils.forward(module, new NDList(arguments), true);
  }

  private static byte[] archive(String source) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      put(zip, "m/version", VERSION.getBytes(StandardCharsets.UTF_8));
      put(zip, "m/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      put(zip, "m/data.pkl", OBJECT);
      put(zip, "m/constants.pkl", NO_CONSTANTS);
    }
    return bytes.toByteArray();
  }

  /** Stored, not deflated, as PyTorch's own archives are. */
  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    var crc = new CRC32();
    crc.update(content);
    var entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
