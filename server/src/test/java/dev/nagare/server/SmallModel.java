package dev.nagare.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** An ONNX file of one operator, written field by field: {@code y = relu(x)}, F32 [N, 3]. */
public final class SmallModel {
  private SmallModel() {}

  /** Writes the file, and the folders that it lies in. */
  public static Path write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    return Files.write(file, model());
  }

  private static byte[] model() throws IOException {
    byte[] node = all(text(1, "x"), text(2, "y"), text(3, "only"), text(4, "Relu"));
    byte[] graph =
        all(bytes(1, node), text(2, "small"), bytes(11, value("x")), bytes(12, value("y")));
    return all(number(1, 8), bytes(7, graph), bytes(8, all(text(1, ""), number(2, 13))));
  }

  private static byte[] value(String name) throws IOException {
    byte[] shape = all(bytes(1, text(2, "N")), bytes(1, number(1, 3)));
    byte[] tensor = all(number(1, 1), bytes(2, shape));
    return all(text(1, name), bytes(2, bytes(1, tensor)));
  }

  private static byte[] text(int field, String text) throws IOException {
    return bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] bytes(int field, byte[] content) throws IOException {
    return all(new byte[] {(byte) (field << 3 | 2), (byte) content.length}, content);
  }

  private static byte[] number(int field, int value) {
    return new byte[] {(byte) (field << 3), (byte) value};
  }

  private static byte[] all(byte[]... parts) throws IOException {
    var joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.write(part);
    }
    return joined.toByteArray();
  }
}
