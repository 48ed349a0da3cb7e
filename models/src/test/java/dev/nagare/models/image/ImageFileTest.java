package dev.nagare.models.image;

import static dev.nagare.models.image.Pictures.file;
import static dev.nagare.models.image.Pictures.image;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nagare.models.image.ImageException.Kind;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageFileTest {
  private static final byte[] PNG =
      file(image(BufferedImage.TYPE_INT_RGB, 5, 4, (x, y) -> x * y), "png");
  private static final byte[] JPEG =
      file(image(BufferedImage.TYPE_INT_RGB, 5, 4, (x, y) -> x * y), "jpeg");
  private static final int FIRST_CHUNK_END = 8 + 12 + 13;

  private static ImageException refused(byte[] bytes, long most) {
    return catchThrowableOfType(ImageException.class, () -> ImageFile.read(bytes, most));
  }

  private static byte[] chunk(String type, byte[] content) {
    byte[] name = type.getBytes(ISO_8859_1);
    var sum = new CRC32();
    sum.update(name);
    sum.update(content);
    return ByteBuffer.allocate(12 + content.length)
        .putInt(content.length)
        .put(name)
        .put(content)
        .putInt((int) sum.getValue())
        .array();
  }

  private static byte[] joined(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] pngSized(int width, int height) {
    byte[] header = Arrays.copyOfRange(PNG, 16, 29);
    ByteBuffer.wrap(header).putInt(width).putInt(height);
    return joined(
        Arrays.copyOf(PNG, 8),
        chunk("IHDR", header),
        Arrays.copyOfRange(PNG, FIRST_CHUNK_END, PNG.length));
  }

  @Test
  void aFileSaysItsSizeBeforeItIsDecoded() {
    assertThat(ImageFile.read(PNG, 20))
        .extracting(ImageFile::format, ImageFile::width, ImageFile::height)
        .containsExactly(ImageFile.Format.PNG, 5, 4);
    assertThat(ImageFile.read(JPEG, 20))
        .extracting(ImageFile::format, ImageFile::width, ImageFile::height)
        .containsExactly(ImageFile.Format.JPEG, 5, 4);
  }

  @ParameterizedTest(name = "type {0}: {1} bytes")
  @CsvSource({
    BufferedImage.TYPE_INT_RGB + ", 3",
    BufferedImage.TYPE_INT_ARGB + ", 4",
    BufferedImage.TYPE_BYTE_GRAY + ", 1",
    BufferedImage.TYPE_USHORT_GRAY + ", 2",
    BufferedImage.TYPE_BYTE_INDEXED + ", 1"
  })
  void aFileSaysWhatItsPixelsTakeOnceTheyAreDecoded(int type, int bytes) {
    byte[] png = file(new BufferedImage(5, 4, type), "png");
    assertThat(ImageFile.read(png, 20).decodedBytes()).isEqualTo(20L * bytes);
    assertThat(ImageFile.read(JPEG, 20).decodedBytes()).isEqualTo(5 * 4 * 3);
  }

  @Test
  void onePixelTooManyIsTooMany() {
    assertThat(refused(PNG, 19))
        .hasMessage(
            "image: expected at most 19 pixels and 65535 to a side, got 5 x 4; make it smaller")
        .extracting(ImageException::kind)
        .isEqualTo(Kind.TOO_LARGE);
    assertThat(refused(JPEG, 19).kind()).isEqualTo(Kind.TOO_LARGE);
  }

  @ParameterizedTest(name = "{0} x {1}")
  @CsvSource({"4097, 4097", "65536, 1", "1, 65536", "2147483647, 2147483647", "-1, 1", "-1, -1"})
  void aHugeHeaderIsRefusedUnseen(int width, int height) {
    assertThat(refused(pngSized(width, height), 1 << 24).kind()).isEqualTo(Kind.TOO_LARGE);
  }

  @Test
  void noPixelsAreNoPicture() {
    assertThat(refused(pngSized(0, 4), 1 << 24))
        .hasMessage("image: expected at least one pixel, got 0 x 4");
  }

  @Test
  void whatIsCutOffIsRefusedWhereverItIsCut() {
    for (byte[] whole : new byte[][] {PNG, JPEG}) {
      for (int length = 8; length < whole.length; length++) {
        byte[] part = Arrays.copyOf(whole, length);
        assertThat(refused(part, 100).kind()).as("first %d bytes", length).isEqualTo(Kind.DAMAGED);
      }
    }
  }

  @Test
  void aWrongCheckSumIsDamage() {
    byte[] wrong = PNG.clone();
    wrong[wrong.length - 20] ^= 1;
    assertThat(refused(wrong, 100))
        .hasMessage("image: the PNG is damaged: the check sum of its chunk IDAT is wrong");
  }

  @Test
  void whatIsNotNeededForThePixelsIsGone() {
    byte[] bomb = chunk("zTXt", "a\0\0not zlib".getBytes(ISO_8859_1));
    byte[] animation = chunk("acTL", new byte[8]);
    byte[] more =
        joined(
            Arrays.copyOf(PNG, FIRST_CHUNK_END),
            bomb,
            animation,
            Arrays.copyOfRange(PNG, FIRST_CHUNK_END, PNG.length),
            "after the end".getBytes(ISO_8859_1));
    assertThat(ImageFile.read(more, 100).content()).isEqualTo(PNG);
    byte[] comment = {(byte) 0xff, (byte) 0xfe, 0, 6, 'h', 'i', 'h', 'i'};
    byte[] profile = {(byte) 0xff, (byte) 0xe2, 0, 4, 1, 2};
    byte[] jpeg = joined(Arrays.copyOf(JPEG, 2), comment, profile, JPEG, new byte[9]);
    byte[] commented =
        joined(
            Arrays.copyOf(jpeg, 2 + comment.length + profile.length),
            Arrays.copyOfRange(JPEG, 2, JPEG.length));
    assertThat(ImageFile.read(commented, 100).content()).isEqualTo(JPEG);
  }

  @Test
  void aJpegForPrintIsNotRead() {
    byte[] cmyk = JPEG.clone();
    int frame = find(cmyk, 0xc0);
    cmyk[frame + 9] = 4;
    assertThat(refused(cmyk, 100))
        .hasMessage(
            "image: expected a JPEG in gray or RGB, got one of 4 components, as for print (CMYK);"
                + " convert it to RGB")
        .extracting(ImageException::kind)
        .isEqualTo(Kind.UNSUPPORTED);
    byte[] deep = JPEG.clone();
    deep[frame + 4] = 12;
    assertThat(refused(deep, 100)).hasMessage("image: expected a JPEG of 8 bits, got one of 12");
    byte[] lossless = JPEG.clone();
    lossless[frame + 1] = (byte) 0xc3;
    assertThat(refused(lossless, 100)).hasMessageContaining("baseline or progressive");
  }

  @Test
  void manyScansAreRefusedSinceEachGoesOverAllPixels() {
    int scan = find(JPEG, 0xda);
    byte[] scans = Arrays.copyOfRange(JPEG, scan, JPEG.length - 2);
    byte[] many = Arrays.copyOf(JPEG, scan);
    for (int i = 0; i < 65; i++) {
      many = joined(many, scans);
    }
    many = joined(many, new byte[] {(byte) 0xff, (byte) 0xd9});
    assertThat(refused(many, 100)).hasMessageContaining("at most 64 scans");
  }

  private static int find(byte[] jpeg, int marker) {
    for (int i = 2; i < jpeg.length; i++) {
      if ((jpeg[i] & 0xff) == 0xff && (jpeg[i + 1] & 0xff) == marker) {
        return i;
      }
    }
    throw new AssertionError("no marker " + marker);
  }

  @ParameterizedTest
  @CsvSource({
    "GIF89a, GIF",
    "RIFF1234WEBPVP8, WebP",
    "....ftypavif, AVIF",
    "BM, BMP",
    "{, something else",
    "'', nothing"
  })
  void otherFormatsAreNamed(String head, String said) {
    assertThatThrownBy(() -> ImageFile.read(head.getBytes(ISO_8859_1), 100))
        .hasMessageStartingWith("image: expected PNG or JPEG, got ")
        .hasMessageContaining(said);
  }
}
