package dev.nagare.models.image;

import static dev.nagare.models.image.Pictures.file;
import static dev.nagare.models.image.Pictures.image;
import static dev.nagare.models.image.Pictures.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {
  private static final int MOST = 1 << 20;

  private static Picture decoded(byte[] bytes) {
    return whole(Decoder.decode(ImageFile.read(bytes, MOST)));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_4BYTE_ABGR
      })
  void coloursOfAPngAreThoseThatWereWritten(int type) {
    byte[] png =
        file(image(type, 3, 2, (x, y) -> 0xff000000 | (x * 100) << 16 | y << 8 | 7), "png");
    Picture picture = decoded(png);
    assertThat(picture.channels()).isEqualTo(3);
    assertThat(picture.at(2, 0, 0)).isEqualTo(200);
    assertThat(picture.at(0, 1, 1)).isEqualTo(1);
    assertThat(picture.at(1, 1, 2)).isEqualTo(7);
  }

  @Test
  void transparencyIsDropped() {
    byte[] png = file(image(BufferedImage.TYPE_INT_ARGB, 1, 1, (x, y) -> 0x00aabbcc), "png");
    assertThat(decoded(png).samples()).containsExactly((byte) 0xaa, (byte) 0xbb, (byte) 0xcc);
  }

  @Test
  void grayStaysAsItIsStored() {
    var gray = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    WritableRaster raster = gray.getRaster();
    raster.setSample(0, 0, 0, 10);
    raster.setSample(1, 0, 0, 100);
    Picture picture = decoded(file(gray, "png"));
    assertThat(picture.channels()).isEqualTo(1);
    assertThat(picture.samples()).containsExactly(10, 100);
  }

  @Test
  void ofSixteenBitsTheHigherCount() {
    var gray = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    gray.getRaster().setSample(0, 0, 0, 0x12ff);
    gray.getRaster().setSample(1, 0, 0, 0xfe00);
    assertThat(decoded(file(gray, "png")).samples()).containsExactly(0x12, (byte) 0xfe);
  }

  @Test
  void aPaletteBecomesItsColours() {
    byte[] png =
        file(
            image(BufferedImage.TYPE_BYTE_INDEXED, 2, 1, (x, y) -> x == 0 ? ~0 : 0xffff0000),
            "png");
    assertThat(decoded(png).samples()).containsExactly(-1, -1, -1, -1, 0, 0);
  }

  @Test
  void oneBitIsBlackAndWhite() {
    byte[] png = file(image(BufferedImage.TYPE_BYTE_BINARY, 9, 1, (x, y) -> x < 8 ? 0 : ~0), "png");
    Picture gray = whole(Channels.GRAY.of(decoded(png)));
    assertThat(gray.at(0, 0, 0)).isZero();
    assertThat(gray.at(8, 0, 0)).isEqualTo(255);
  }

  @Test
  void aJpegIsCloseToWhatWasWritten() {
    byte[] jpeg = file(image(BufferedImage.TYPE_INT_RGB, 16, 8, (x, y) -> 0xc86432), "jpeg");
    Picture picture = decoded(jpeg);
    assertThat(picture.width()).isEqualTo(16);
    assertThat(picture.height()).isEqualTo(8);
    assertThat((double) picture.at(8, 4, 0)).isEqualTo(200, within(3.0));
    assertThat((double) picture.at(8, 4, 1)).isEqualTo(100, within(3.0));
    assertThat((double) picture.at(8, 4, 2)).isEqualTo(50, within(3.0));
    var gray = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    gray.getRaster().setSample(3, 3, 0, 0);
    assertThat(decoded(file(gray, "jpeg")).channels()).isEqualTo(1);
  }
}
