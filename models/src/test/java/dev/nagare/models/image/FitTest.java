package dev.nagare.models.image;

import static dev.nagare.models.image.Pictures.gray;
import static dev.nagare.models.image.Pictures.row;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FitTest {
  private static final Resize PLAIN = new Resize(Resample.BILINEAR, true);
  private static final Picture WIDE = gray(new int[] {1, 2, 3, 4}, new int[] {5, 6, 7, 8});

  @Test
  void stretchingHeedsNoProportions() {
    Picture fitted = Fit.STRETCH.of(gray(new int[] {0, 100}), 4, 2, 0, PLAIN);
    assertThat(row(fitted, 0)).containsExactly(0, 25, 75, 100);
    assertThat(row(fitted, 1)).containsExactly(0, 25, 75, 100);
  }

  @Test
  void theMiddleIsCutOutOfAWidePicture() {
    Picture fitted = Fit.SHORTEST_EDGE_AND_CROP.of(WIDE, 2, 2, 2, PLAIN);
    assertThat(row(fitted, 0)).containsExactly(2, 3);
    assertThat(row(fitted, 1)).containsExactly(6, 7);
  }

  @Test
  void theMiddleIsCutOutOfAHighPicture() {
    Picture high = gray(new int[] {1}, new int[] {2}, new int[] {3});
    assertThat(Fit.SHORTEST_EDGE_AND_CROP.of(high, 1, 1, 1, PLAIN).samples()).containsExactly(2);
  }

  @Test
  void whatDoesNotComeOutEvenIsCutToTheLeftAndAbove() {
    Picture five = gray(new int[] {1, 2, 3, 4, 5}, new int[] {1, 2, 3, 4, 5});
    assertThat(row(Fit.SHORTEST_EDGE_AND_CROP.of(five, 2, 2, 2, PLAIN), 0)).containsExactly(2, 3);
  }

  @Test
  void aLineOfPixelsNeverBecomesTheWholeOfItsEnlargement() {
    Picture line = new Picture(65_535, 1, 1, new byte[65_535]);
    line.samples()[32_767] = (byte) 255; // the middle
    Picture fitted = Fit.SHORTEST_EDGE_AND_CROP.of(line, 224, 224, 256, PLAIN);
    assertThat(row(fitted, 100)[112]).isEqualTo(255);
  }

  @Test
  void aLetterBoxIsBlackAroundThePicture() {
    Picture fitted = Fit.CONTAIN_AND_PAD.of(WIDE, 4, 4, 0, PLAIN);
    assertThat(row(fitted, 0)).containsExactly(0, 0, 0, 0);
    assertThat(row(fitted, 1)).containsExactly(1, 2, 3, 4);
    assertThat(row(fitted, 2)).containsExactly(5, 6, 7, 8);
    assertThat(row(fitted, 3)).containsExactly(0, 0, 0, 0);
    Picture small = Fit.CONTAIN_AND_PAD.of(gray(new int[] {9}), 3, 1, 0, PLAIN);
    assertThat(row(small, 0)).containsExactly(0, 9, 0);
  }
}
