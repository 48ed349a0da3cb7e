package dev.nagare.models.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes a file into pixels, with the JDK's readers.
 *
 * <p>Samples are taken as they are stored, without colour management: gray stays gray, of 16 bits
 * the higher 8 count, transparency is dropped as if it were not there. Source: the {@code
 * convert("RGB")} and {@code convert("L")} of Pillow, which training pipelines call. A known
 * difference: gray of 16 bits is scaled here, where Pillow clips it.
 *
 * <p>Takes {@link ImageFile#decodedBytes()} of heap, as long as the rows are there; a progressive
 * JPEG up to 6 bytes for each pixel beside the heap while it is decoded. For any number of threads.
 */
public final class Decoder {
  private Decoder() {}

  /**
   * Decodes it.
   *
   * @throws ImageException if the pixels are damaged
   */
  public static Rows decode(ImageFile file) {
    BufferedImage image;
    try {
      image = read(file);
    } catch (IOException | RuntimeException e) {
      // What readers throw at damaged files is not only what they say that they throw.
      throw ImageException.damaged(
          "image: the " + file.format() + " cannot be decoded: " + e.getMessage());
    }
    if (image.getWidth() != file.width() || image.getHeight() != file.height()) {
      throw ImageException.damaged(
          "image: expected the %d x %d pixels of its header, got %d x %d"
              .formatted(file.width(), file.height(), image.getWidth(), image.getHeight()));
    }
    return image.getColorModel() instanceof IndexColorModel colours
        ? new IndexedRows(image.getRaster(), colours)
        : new DirectRows(image.getRaster());
  }

  private static BufferedImage read(ImageFile file) throws IOException {
    String name = file.format().name().toLowerCase(Locale.ROOT);
    ImageReader reader = ImageIO.getImageReadersByFormatName(name).next();
    try (ImageInputStream in = new BytesInput(file.content())) {
      reader.setInput(in, true, true);
      return reader.read(0);
    } finally {
      reader.dispose();
    }
  }
}
