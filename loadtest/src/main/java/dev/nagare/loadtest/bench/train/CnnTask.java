package dev.nagare.loadtest.bench.train;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One training step of ResNet-20 (He et al., 2016, section 4.2, projections where the width
 * changes) on 16 images of 3 x 32 x 32: cross entropy of ten classes, SGD with momentum. The images
 * are noise around a picture of their class.
 */
final class CnnTask {
  static final int BATCH = 16;
  static final int SIZE = 32;
  static final int CHANNELS = 3;
  static final int CLASSES = 10;
  static final int[] WIDTHS = {16, 32, 64};

  /** Blocks of a width. */
  static final int BLOCKS = 3;

  static final double LEARNING_RATE = 0.001;
  static final double MOMENTUM = 0.9;

  /** Different batches; step s takes batch s modulo this. */
  static final int BATCHES = 4;

  private static final int PIXELS = CHANNELS * SIZE * SIZE;
  private static final long SEED = 23;

  private final List<Weight> weights = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final float[] images = new float[BATCHES * BATCH * PIXELS];

  CnnTask() {
    convolution(CHANNELS, WIDTHS[0], 3);
    int in = WIDTHS[0];
    for (int width : WIDTHS) {
      for (int block = 0; block < BLOCKS; block++) {
        convolution(in, width, 3);
        convolution(width, width, 3);
        if (in != width) {
          convolution(in, width, 1);
        }
        in = width;
      }
    }
    weights.add(Weight.uniform(random, 1 / Math.sqrt(in), CLASSES, in));
    weights.add(Weight.constant(0, CLASSES));
    float[] pictures = Weight.uniform(random, 1, CLASSES, PIXELS).values();
    for (int i = 0; i < images.length; i++) {
      int label = i / PIXELS % CLASSES;
      images[i] = (float) (pictures[label * PIXELS + i % PIXELS] + random.nextDouble(-1, 1));
    }
  }

  /** A convolution without bias and its BatchNorm. */
  private void convolution(int in, int out, int kernel) {
    double bound = Math.sqrt(6.0 / (in * kernel * kernel));
    weights.add(Weight.uniform(random, bound, out, in, kernel, kernel));
    weights.add(Weight.constant(1, out));
    weights.add(Weight.constant(0, out));
  }

  /** In the order of the layers; a block's projection comes last in it. */
  List<Weight> weights() {
    return weights;
  }

  /** Images of a batch, {@code [N, C, H, W]}. */
  float[] images(int index) {
    int length = BATCH * PIXELS;
    float[] batch = new float[length];
    System.arraycopy(images, index * length, batch, 0, length);
    return batch;
  }

  /** Their classes. */
  long[] labels(int index) {
    long[] labels = new long[BATCH];
    for (int i = 0; i < BATCH; i++) {
      labels[i] = ((long) index * BATCH + i) % CLASSES;
    }
    return labels;
  }
}
