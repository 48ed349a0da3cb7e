package dev.nagare.models.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * Looks at a PNG: its header, that its chunks are whole, and their check sums. Of an animated one
 * the picture that viewers without animation show is left.
 *
 * <p>Source: PNG, third edition, sections 5 and 11.
 */
final class PngFile {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};

  /** Length, type and check sum. */
  private static final int AROUND = 12;

  private static final int HEADER = 13;
  private static final Set<String> NEEDED = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

  private PngFile() {}

  static boolean isOne(byte[] bytes) {
    return bytes.length >= SIGNATURE.length
        && ByteBuffer.wrap(bytes, 0, SIGNATURE.length).equals(ByteBuffer.wrap(SIGNATURE));
  }

  static ImageFile read(byte[] bytes, long mostPixels) {
    ByteBuffer in = ByteBuffer.wrap(bytes).position(SIGNATURE.length);
    var kept = new ByteArrayOutputStream(bytes.length);
    kept.writeBytes(SIGNATURE);
    int width = 0;
    int height = 0;
    int pixelBytes = 0;
    boolean data = false;
    for (String type = ""; !type.equals("IEND"); ) {
      int at = in.position();
      if (in.remaining() < AROUND) {
        throw truncated(at);
      }
      int length = in.getInt();
      if (length < 0 || length > in.remaining() - Integer.BYTES * 2) {
        throw truncated(at);
      }
      type = new String(bytes, at + Integer.BYTES, Integer.BYTES, StandardCharsets.ISO_8859_1);
      if (at == SIGNATURE.length) {
        requireHeader(type, length);
        width = in.getInt(at + 8);
        height = in.getInt(at + 12);
        ImageFile.requirePixels(width & 0xffffffffL, height & 0xffffffffL, mostPixels);
        pixelBytes = samples(in.get(at + 17)) * (in.get(at + 16) == 16 ? 2 : 1);
      } else if (type.equals("IHDR")) {
        throw ImageException.damaged("image: expected one header in a PNG, got another at " + at);
      }
      if (NEEDED.contains(type)) {
        requireSum(bytes, at, length, type);
        kept.write(bytes, at, length + AROUND);
      }
      data |= type.equals("IDAT");
      in.position(at + AROUND + length);
    }
    if (!data) {
      throw ImageException.damaged("image: expected pixels in a PNG, got none");
    }
    return new ImageFile(ImageFile.Format.PNG, width, height, pixelBytes, kept.toByteArray());
  }

  private static void requireHeader(String type, int length) {
    if (!type.equals("IHDR") || length != HEADER) {
      throw ImageException.damaged(
          "image: expected a PNG to begin with IHDR of " + HEADER + " bytes, got " + length);
    }
  }

  /** Samples of a pixel, by its colour type. */
  private static int samples(byte colourType) {
    return switch (colourType) {
      case 0, 3 -> 1; // gray, palette
      case 4 -> 2; // gray with transparency
      case 2 -> 3;
      default -> 4;
    };
  }

  private static void requireSum(byte[] bytes, int at, int length, String type) {
    var sum = new CRC32();
    sum.update(bytes, at + Integer.BYTES, Integer.BYTES + length);
    int said = ByteBuffer.wrap(bytes).getInt(at + 8 + length);
    if ((int) sum.getValue() != said) {
      throw ImageException.damaged(
          "image: the PNG is damaged: the check sum of its chunk " + type + " is wrong");
    }
  }

  private static ImageException truncated(int at) {
    return ImageException.damaged("image: the PNG is cut off in a chunk that begins at " + at);
  }
}
