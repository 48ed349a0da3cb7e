package dev.nagare.models.image;

import static dev.nagare.models.image.Pictures.gray;
import static dev.nagare.models.image.Pictures.row;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Against weights worked out by hand; where they come from stands beside them. */
class ResizeTest {
  private static final int[] FOUR = {0, 70, 140, 210};

  @ParameterizedTest(name = "{0}, antialias {1}")
  @CsvSource({
    // Triangles of half-width 2 around 1 and 3: weights 3/7 3/7 1/7 0 and 0 1/7 3/7 3/7.
    "BILINEAR, true, 50, 160",
    // Centres at 1 and 3 lie in the middle between two pixels.
    "BILINEAR, false, 35, 175",
    // Keys at distances 1/4, 1/4, 3/4, 5/4: 0.8671875 twice, 0.2265625, -0.0703125.
    "BICUBIC, true, 41, 169",
    // At distances 1/2, 1/2, 3/2: 9/16 twice and -1/16, of 17/16; beyond the edge is nothing.
    "BICUBIC, false, 29, 181",
    "NEAREST, true, 70, 210"
  })
  void halfTheWidth(Resample resample, boolean antialias, int left, int right) {
    Picture half = new Resize(resample, antialias).of(gray(FOUR), 2, 1);
    assertThat(row(half, 0)).containsExactly(left, right);
  }

  @Test
  void twiceTheWidthHasHalfPixelCentres() {
    Picture twice = new Resize(Resample.BILINEAR, true).of(gray(new int[] {0, 100}), 4, 1);
    assertThat(row(twice, 0)).containsExactly(0, 25, 75, 100);
  }

  @Test
  void columnsAreAsRows() {
    Picture upright = gray(new int[] {0}, new int[] {70}, new int[] {140}, new int[] {210});
    Picture half = new Resize(Resample.BILINEAR, true).of(upright, 1, 2);
    assertThat(half.samples()).containsExactly(50, (byte) 160);
  }

  @ParameterizedTest
  @EnumSource
  void thePictureItselfIsNotChanged(Resample resample) {
    Picture four = gray(FOUR, new int[] {255, 0, 255, 0}, new int[] {1, 2, 3, 4});
    Picture same = new Resize(resample, true).of(four, 4, 3);
    assertThat(same.samples()).isEqualTo(four.samples());
  }

  @ParameterizedTest
  @EnumSource
  void onePlainColourStaysIt(Resample resample) {
    byte[] samples = new byte[7 * 5 * 3];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) (i % 3 == 0 ? 200 : i % 3 == 1 ? 0 : 255);
    }
    Picture plain = new Picture(7, 5, 3, samples);
    for (int size : new int[] {1, 3, 4, 16}) {
      Picture other = new Resize(resample, true).of(plain, size, 17 - size);
      for (int y = 0; y < other.height(); y++) {
        for (int x = 0; x < other.width(); x++) {
          assertThat(other.at(x, y, 0)).isEqualTo(200);
          assertThat(other.at(x, y, 1)).isEqualTo(0);
          assertThat(other.at(x, y, 2)).isEqualTo(255);
        }
      }
    }
  }

  @Test
  void whatOvershootsIsCutOff() {
    Picture edge = gray(new int[] {0, 0, 255, 255});
    int[] wide = row(new Resize(Resample.BICUBIC, true).of(edge, 16, 1), 0);
    assertThat(wide).contains(0, 255).isSorted();
  }

  @Test
  void aPartIsThatPartOfTheWhole() {
    Picture four = gray(FOUR, new int[] {9, 80, 7, 60}, new int[] {1, 200, 3, 4});
    var resize = new Resize(Resample.LANCZOS, true);
    Picture whole = resize.of(four, 9, 8);
    Picture part = resize.window(four, 9, 8, new Resize.Window(2, 3, 5, 4));
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 5; x++) {
        assertThat(part.at(x, y, 0)).isEqualTo(whole.at(x + 2, y + 3, 0));
      }
    }
  }

  @Test
  void theHighestPictureIsReadRowByRow() {
    Picture high = new Picture(1, 65_535, 1, new byte[65_535]);
    high.samples()[65_534] = (byte) 255;
    Picture small = new Resize(Resample.BILINEAR, true).of(high, 224, 65_535 / 5);
    assertThat(small.at(223, small.height() - 1, 0)).isPositive();
    assertThat(small.at(0, 0, 0)).isZero();
  }
}
