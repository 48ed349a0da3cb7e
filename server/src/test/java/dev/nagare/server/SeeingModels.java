package dev.nagare.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Models small enough to be worked out by hand that see pictures and read texts, with their {@code
 * model.yaml}.
 */
public final class SeeingModels {
  private SeeingModels() {}

  /**
   * {@code colours}: the means of red, green and blue, {@code [N, 3, 4, 4] -> [N, 3]}, as scores of
   * those labels.
   */
  public static Path colours(Path version) throws IOException {
    new OnnxFile()
        .input("pixels", OnnxFile.FLOAT, "N", 3, 4, 4)
        .node("GlobalAveragePool", List.of("pixels"), "means")
        .node("Flatten", List.of("means"), "scores")
        .output("scores", OnnxFile.FLOAT, "N", 3)
        .write(version.resolve("model.onnx"));
    Files.writeString(version.resolve("labels.txt"), "red\ngreen\nblue\n");
    Files.writeString(
        version.resolve("model.yaml"),
        """
        input:
          image: {resize: stretch}
        output:
          classes: {labels: labels.txt, top-k: 2}
        """);
    return version;
  }

  /**
   * {@code words}: a vector for each token, {@code [N, T] -> [N, T, 2]}: {@code east} is (3, 0),
   * {@code north} (0, 3), what only fills up (9, 9), all others nothing.
   */
  public static Path words(Path version) throws IOException {
    new OnnxFile()
        .input("input_ids", OnnxFile.INT64, "N", "T")
        .floats("table", new int[] {6, 2}, 9, 9, 0, 0, 0, 0, 0, 0, 3, 0, 0, 3)
        .node("Gather", List.of("table", "input_ids"), "vectors")
        .output("vectors", OnnxFile.FLOAT, "N", "T", 2)
        .write(version.resolve("model.onnx"));
    Files.writeString(version.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\neast\nnorth\n");
    Files.writeString(
        version.resolve("model.yaml"),
        """
        input:
          text: {vocabulary: vocab.txt, max-length: 8}
        output:
          embedding: {pooling: mean}
        """);
    return version;
  }

  /** A picture of one colour as a file, {@code 0xrrggbb}. */
  public static byte[] plain(String format, int width, int height, int colour) {
    var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, colour);
      }
    }
    var bytes = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, bytes)) {
        throw new IllegalStateException("no writer of " + format);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  /** A form of one part, as curl sends it, whose boundary is {@code xyz}. */
  public static byte[] form(String field, byte[] content) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        ("--xyz\r\nContent-Disposition: form-data; name=\""
                + field
                + "\"; filename=\"a\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n")
            .getBytes(UTF_8));
    bytes.writeBytes(content);
    bytes.writeBytes("\r\n--xyz--\r\n".getBytes(UTF_8));
    return bytes.toByteArray();
  }
}
