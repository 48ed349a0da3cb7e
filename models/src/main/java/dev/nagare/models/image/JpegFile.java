package dev.nagare.models.image;

import java.io.ByteArrayOutputStream;

/**
 * Looks at a JPEG: its frame header, its segments, and that it has an end. EXIF is not heeded, so a
 * picture that a camera turned by a mark alone stays as its pixels lie.
 *
 * <p>Source: ITU-T T.81, annex B.
 */
final class JpegFile {
  /** A progressive file has about ten; each goes over all pixels again. */
  private static final int MOST_SCANS = 64;

  private static final int START = 0xd8;
  private static final int END = 0xd9;
  private static final int SCAN = 0xda;
  private static final int JFIF = 0xe0;
  private static final int ADOBE = 0xee;
  private static final int FRAME_BYTES = 8;

  private final byte[] bytes;
  private final long mostPixels;
  private final ByteArrayOutputStream kept;
  private int at = 2;
  private int width;
  private int height;
  private int components;

  private JpegFile(byte[] bytes, long mostPixels) {
    this.bytes = bytes;
    this.mostPixels = mostPixels;
    this.kept = new ByteArrayOutputStream(bytes.length);
  }

  static boolean isOne(byte[] bytes) {
    return bytes.length >= 3
        && (bytes[0] & 0xff) == 0xff
        && (bytes[1] & 0xff) == START
        && (bytes[2] & 0xff) == 0xff;
  }

  static ImageFile read(byte[] bytes, long mostPixels) {
    return new JpegFile(bytes, mostPixels).read();
  }

  private ImageFile read() {
    kept.write(bytes, 0, 2);
    int scans = 0;
    for (int marker = marker(); marker != END; marker = marker()) {
      int begin = at - 2;
      int length = length();
      if (isFrame(marker)) {
        frame(marker, length);
      }
      at += length;
      if (marker == SCAN) {
        if (width == 0 || ++scans > MOST_SCANS) {
          throw ImageException.damaged(
              "image: expected a frame and at most "
                  + MOST_SCANS
                  + " scans in a JPEG, got "
                  + (width == 0 ? "a scan without a frame" : "more"));
        }
        at = endOfScan();
      }
      if (isNeeded(marker, begin, length)) {
        kept.write(bytes, begin, at - begin);
      }
    }
    if (scans == 0) {
      throw ImageException.damaged("image: expected pixels in a JPEG, got none");
    }
    kept.write(0xff);
    kept.write(END);
    return new ImageFile(ImageFile.Format.JPEG, width, height, components, kept.toByteArray());
  }

  /** The marker at this place, after any fill bytes. */
  private int marker() {
    if (at >= bytes.length || bytes[at] != (byte) 0xff) {
      throw at >= bytes.length
          ? truncated()
          : ImageException.damaged("image: expected a marker of a JPEG at " + at);
    }
    while (at < bytes.length && bytes[at] == (byte) 0xff) {
      at++;
    }
    if (at >= bytes.length) {
      throw truncated();
    }
    int marker = bytes[at++] & 0xff;
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= START)) {
      throw ImageException.damaged(
          "image: unexpected marker %02x of a JPEG at %d".formatted(marker, at - 1));
    }
    return marker;
  }

  /** Bytes of the segment at this place, the length itself included. */
  private int length() {
    int length = at + 2 > bytes.length ? 0 : twoBytes(at);
    if (length < 2 || length > bytes.length - at) {
      throw truncated();
    }
    return length;
  }

  private void frame(int marker, int length) {
    if (width != 0) {
      throw ImageException.damaged("image: expected one frame in a JPEG, got a second");
    }
    if (length < FRAME_BYTES) {
      throw truncated();
    }
    if (marker > 0xc2) {
      throw ImageException.unsupported(
          "image: expected a baseline or progressive JPEG, got process SOF" + (marker - 0xc0));
    }
    if (bytes[at + 2] != 8) {
      throw ImageException.unsupported(
          "image: expected a JPEG of 8 bits, got one of " + bytes[at + 2]);
    }
    components = bytes[at + 7];
    if (components != 1 && components != 3) {
      throw ImageException.unsupported(
          "image: expected a JPEG in gray or RGB, got one of "
              + components
              + " components"
              + (components == 4 ? ", as for print (CMYK); convert it to RGB" : ""));
    }
    height = twoBytes(at + 3);
    width = twoBytes(at + 5);
    ImageFile.requirePixels(width, height, mostPixels);
  }

  /** Where the entropy-coded data end: at a marker that is neither stuffing nor a restart. */
  private int endOfScan() {
    for (int i = at; i + 1 < bytes.length; i++) {
      if (bytes[i] == (byte) 0xff) {
        int next = bytes[i + 1] & 0xff;
        if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) {
          return i;
        }
      }
    }
    throw truncated();
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  /** Tables, frames and scans; and of all others those that say which colours components are. */
  private boolean isNeeded(int marker, int begin, int length) {
    return switch (marker) {
      case JFIF -> isNamed("JFIF", begin, length); // not JFXX, which holds a thumbnail
      case ADOBE -> isNamed("Adobe", begin, length);
      default -> marker < JFIF;
    };
  }

  private boolean isNamed(String name, int begin, int length) {
    boolean named = length >= 2 + name.length();
    for (int i = 0; named && i < name.length(); i++) {
      named = bytes[begin + 4 + i] == name.charAt(i);
    }
    return named;
  }

  private int twoBytes(int from) {
    return (bytes[from] & 0xff) << 8 | (bytes[from + 1] & 0xff);
  }

  private static ImageException truncated() {
    return ImageException.damaged("image: the JPEG is cut off");
  }
}
