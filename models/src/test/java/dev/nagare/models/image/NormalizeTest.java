package dev.nagare.models.image;

import static dev.nagare.models.image.Pictures.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NormalizeTest {
  private static final byte[] TWO_PIXELS = {0, 51, (byte) 255, (byte) 102, (byte) 153, 0};
  private static final Picture TWO = new Picture(2, 1, 3, TWO_PIXELS);
  private static final Normalize FIFTHS =
      new Normalize(1 / 255.0, new double[] {0, 0.1, 0.5}, new double[] {1, 0.1, 0.25});

  @Test
  void theMeanGoesAndTheDeviationDivides() {
    // 0, 51, 255 are 0, 1/5, 1; then (1/5 - 0.1) / 0.1 = 1 and (1 - 0.5) / 0.25 = 2.
    assertThat(FIFTHS.of(TWO, false, false))
        .containsExactly(new float[] {0, 1, 2, 0.4f, 5, -2}, within(1e-6f));
  }

  @Test
  void channelsFirstIsAPlaneAfterTheOther() {
    assertThat(FIFTHS.of(TWO, true, false))
        .containsExactly(new float[] {0, 0.4f, 1, 5, 2, -2}, within(1e-6f));
  }

  @Test
  void blueFirstTurnsTheChannelsAndKeepsTheirMeans() {
    assertThat(FIFTHS.of(TWO, false, true))
        .containsExactly(new float[] {2, 1, 0, -2, 5, 0.4f}, within(1e-6f));
    assertThat(FIFTHS.of(TWO, true, true))
        .containsExactly(new float[] {2, -2, 1, 5, 0, 0.4f}, within(1e-6f));
  }

  @Test
  void theMeansOfImageNet() {
    var imageNet =
        new Normalize(
            1 / 255.0, new double[] {0.485, 0.456, 0.406}, new double[] {0.229, 0.224, 0.225});
    var white = new Picture(1, 1, 3, new byte[] {-1, -1, -1});
    // (1 - 0.485) / 0.229 and so on, as torchvision's documentation has them.
    assertThat(imageNet.of(white, true, false))
        .containsExactly(new float[] {2.2489083f, 2.4285715f, 2.64f}, within(1e-6f));
  }

  @Test
  void brightnessIsTheLumaOfTelevision() {
    // 0.299, 0.587 and 0.114 of 255: 76.245, 149.685, 29.07.
    var colours = new Picture(4, 1, 3, new byte[] {-1, 0, 0, 0, -1, 0, 0, 0, -1, -1, -1, -1});
    Picture gray = whole(Channels.GRAY.of(colours));
    assertThat(gray.samples()).containsExactly(76, (byte) 150, 29, (byte) 255);
    assertThat(whole(Channels.RGB.of(gray)).samples())
        .startsWith(76, 76, 76, (byte) 150, (byte) 150, (byte) 150);
    assertThat(Channels.BGR.of(colours)).isSameAs(colours); // turned when it becomes numbers
  }
}
