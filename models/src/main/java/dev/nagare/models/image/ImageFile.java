package dev.nagare.models.image;

import java.nio.charset.StandardCharsets;

/**
 * A file that was looked at and not decoded yet. What is not needed for the pixels is gone from it:
 * colour profiles, EXIF, thumbnails, comments, which decoders would unpack at their own risk.
 *
 * @param format of the bytes
 * @param width pixels, 1 or more
 * @param height pixels, 1 or more
 * @param pixelBytes that the decoder keeps of a pixel, 1 to 8
 * @param content a whole file of that format
 */
@SuppressWarnings("ArrayRecordComponent") // on its way to the decoder, compared by nobody
public record ImageFile(Format format, int width, int height, int pixelBytes, byte[] content) {
  /** Beyond it a JPEG cannot go, and a picture is no picture any more. */
  static final int LONGEST_SIDE = 65_535;

  /** The formats that are read. */
  public enum Format {
    /** Portable Network Graphics: all colour types and depths, interlaced or not. */
    PNG,
    /** JPEG of 8 bits: gray or colour, baseline or progressive. */
    JPEG
  }

  /** Bytes that its pixels take once they are decoded. */
  public long decodedBytes() {
    return (long) width * height * pixelBytes;
  }

  /** Whether bytes begin as a file of one of the formats does. */
  public static boolean isOne(byte[] bytes) {
    return PngFile.isOne(bytes) || JpegFile.isOne(bytes);
  }

  /**
   * Looks at a file: costs a walk over its bytes, and memory for a copy of them.
   *
   * @param mostPixels that are decoded, width times height
   * @throws ImageException that says what was expected and what was got
   */
  public static ImageFile read(byte[] bytes, long mostPixels) {
    if (PngFile.isOne(bytes)) {
      return PngFile.read(bytes, mostPixels);
    }
    if (JpegFile.isOne(bytes)) {
      return JpegFile.read(bytes, mostPixels);
    }
    throw ImageException.unsupported("image: expected PNG or JPEG, got " + kind(bytes));
  }

  static void requirePixels(long width, long height, long most) {
    if (width < 1 || height < 1) {
      throw ImageException.damaged(
          "image: expected at least one pixel, got " + width + " x " + height);
    }
    if (width > LONGEST_SIDE || height > LONGEST_SIDE || width * height > most) {
      throw new ImageException(
          ImageException.Kind.TOO_LARGE,
          "image: expected at most "
              + most
              + " pixels and "
              + LONGEST_SIDE
              + " to a side, got "
              + width
              + " x "
              + height
              + "; make it smaller");
    }
  }

  private static String kind(byte[] bytes) {
    String head = new String(bytes, 0, Math.min(bytes.length, 16), StandardCharsets.ISO_8859_1);
    if (head.isEmpty()) {
      return "nothing";
    }
    if (head.startsWith("GIF8")) {
      return "GIF; send one of its frames as PNG";
    }
    if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) {
      return "WebP; convert it to PNG or JPEG";
    }
    if (head.startsWith("II*\0") || head.startsWith("MM\0*")) {
      return "TIFF; convert it to PNG or JPEG";
    }
    if (head.startsWith("ftyp", 4)) {
      return "HEIF or AVIF; convert it to PNG or JPEG";
    }
    return head.startsWith("BM") ? "BMP; convert it to PNG" : "something else";
  }
}
