package dev.nagare.oracle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A module with one method, as the archive that {@code torch.jit.save} would write.
 *
 * <p>An archive holds its code as source, which libtorch parses and checks against ATen's operators
 * when it loads; the objects beside it are pickled. Ours has no more of them than a module must
 * have: its class and its attribute {@code training}.
 */
final class TorchScript {
  /** The newest format that libtorch 2.7 reads, and so the newest form of each operator. */
  private static final String VERSION = "10\n";

  /** The object {@code __torch__.M} with {@code {"training": True}}, in Python's protocol 2. */
  private static final byte[] OBJECT =
      "\u0080\u0002c__torch__\nM\n)\u0081}(X\b\0\0\0training\u0088ub."
          .getBytes(StandardCharsets.ISO_8859_1);

  private static final byte[] NO_CONSTANTS = "\u0080\u0002).".getBytes(StandardCharsets.ISO_8859_1);

  private TorchScript() {}

  /**
   * The source of a module whose {@code forward} takes tensors of these names and returns a list.
   *
   * @param body statements, the last of them {@code return [..]}
   */
  static String source(List<String> arguments, String body) {
    var source = new StringBuilder("class M(Module):\n");
    source.append("  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
    source.append("  def forward(self: __torch__.M");
    for (String argument : arguments) {
      source.append(", ").append(argument).append(": Tensor");
    }
    source.append(") -> List[Tensor]:\n");
    body.lines().forEach(line -> source.append("    ").append(line).append('\n'));
    return source.toString();
  }

  static byte[] archive(String source) {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      put(zip, "m/version", VERSION.getBytes(StandardCharsets.UTF_8));
      put(zip, "m/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      put(zip, "m/data.pkl", OBJECT);
      put(zip, "m/constants.pkl", NO_CONSTANTS);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a stream into memory
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
